// SPDX-License-Identifier: Apache-2.0
#include "lmcache/python_argument.h"

#include "absl/strings/str_cat.h"

namespace slotwise {
namespace {

namespace py = pybind11;

std::string EncodedPath(const py::handle& path) {
  const py::object bytes = py::reinterpret_steal<py::object>(PyUnicode_EncodeFSDefault(path.ptr()));
  if (!bytes) throw py::error_already_set();
  return bytes.cast<std::string>();
}

bool IsBool(const py::handle& value) { return PyBool_Check(value.ptr()); }

}  // namespace

void PythonArgument::Refuse(const char* allowed) const {
  throw py::type_error(absl::StrCat(name_, "=", py::repr(value_).cast<std::string>(), ": must be ", allowed));
}

std::string PythonArgument::Text() const {
  if (!py::isinstance<py::str>(value_)) Refuse("a str");
  return value_.cast<std::string>();
}

std::string PythonArgument::Path() const {
  if (!py::isinstance<py::str>(value_)) Refuse("a str");
  return EncodedPath(value_);
}

std::vector<std::string> PythonArgument::Paths() const {
  if (py::isinstance<py::str>(value_)) return {EncodedPath(value_)};
  if (!py::isinstance<py::list>(value_)) Refuse("a str or a list of str");
  std::vector<std::string> paths;
  for (const py::handle path : value_) {
    if (!py::isinstance<py::str>(path)) Refuse("a str or a list of str");
    paths.push_back(EncodedPath(path));
  }
  return paths;
}

int64_t PythonArgument::Integer() const {
  if (!PyLong_Check(value_.ptr()) || IsBool(value_)) Refuse("an int");
  int overflow = 0;
  const int64_t integer = PyLong_AsLongLongAndOverflow(value_.ptr(), &overflow);
  if (overflow == 0) return integer;
  throw py::value_error(absl::StrCat(name_, "=", py::repr(value_).cast<std::string>(), ": out of range"));
}

double PythonArgument::Number() const {
  if (PyFloat_Check(value_.ptr())) return PyFloat_AS_DOUBLE(value_.ptr());
  if (!PyLong_Check(value_.ptr()) || IsBool(value_)) Refuse("a number");
  return static_cast<double>(Integer());
}

bool PythonArgument::Flag() const {
  if (!IsBool(value_)) Refuse("True or False");
  return value_.ptr() == Py_True;
}

}  // namespace slotwise
