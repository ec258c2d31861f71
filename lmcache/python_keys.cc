// SPDX-License-Identifier: Apache-2.0
#include "lmcache/python_keys.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace slotwise {
namespace {

namespace py = pybind11;

// Raises nothing: an invalid view if `key` is not Unicode.
std::string_view Utf8(const py::handle& key) {
  Py_ssize_t bytes = 0;
  const char* const text = PyUnicode_AsUTF8AndSize(key.ptr(), &bytes);
  if (text == nullptr) PyErr_Clear();
  return {text, static_cast<size_t>(bytes)};
}

py::bytes EncodedWithSurrogates(const py::handle& key) {
  PyObject* const bytes = PyUnicode_AsEncodedString(key.ptr(), "utf-8", "surrogatepass");
  if (bytes == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::bytes>(bytes);
}

}  // namespace

PythonKeys::PythonKeys(const py::list& keys) {
  owners_.reserve(keys.size());
  views_.reserve(keys.size());
  for (const py::handle key : keys) {
    if (!PyUnicode_Check(key.ptr())) {
      throw py::type_error(absl::StrCat("keys[", size(), "] is a ", Py_TYPE(key.ptr())->tp_name, ", not a str"));
    }
    Add(key);
  }
}

void PythonKeys::Add(const py::handle& key) {
  if (const std::string_view view = Utf8(key); view.data() != nullptr) {
    owners_.push_back(py::reinterpret_borrow<py::object>(key));
    views_.push_back(view);
    return;
  }
  const py::bytes bytes = EncodedWithSurrogates(key);
  owners_.push_back(bytes);
  views_.emplace_back(PyBytes_AS_STRING(bytes.ptr()), static_cast<size_t>(PyBytes_GET_SIZE(bytes.ptr())));
}

}  // namespace slotwise
