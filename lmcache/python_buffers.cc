// SPDX-License-Identifier: Apache-2.0
#include "lmcache/python_buffers.h"

#include "absl/strings/str_cat.h"

namespace slotwise {
namespace {

namespace py = pybind11;

// What a buffer raises that cannot be had so; anything else is none of ours.
void ClearBufferError() {
  if (!PyErr_ExceptionMatches(PyExc_BufferError) && !PyErr_ExceptionMatches(PyExc_ValueError)) {
    throw py::error_already_set();
  }
  PyErr_Clear();
}

void CheckBuffers(const py::list& views) {
  size_t position = 0;
  for (const py::handle view : views) {
    if (!PyObject_CheckBuffer(view.ptr())) {
      throw py::type_error(
          absl::StrCat("memoryviews[", position, "] is a ", Py_TYPE(view.ptr())->tp_name, ", not a memoryview"));
    }
    ++position;
  }
}

}  // namespace

PythonBuffers::PythonBuffers(const py::list& views, Access access) {
  CheckBuffers(views);
  held_.reserve(views.size());
  spans_.reserve(views.size());
  for (const py::handle view : views) spans_.push_back(Hold(view, access));
}

PythonBuffers::~PythonBuffers() {
  for (Py_buffer& buffer : held_) PyBuffer_Release(&buffer);
}

std::span<std::byte> PythonBuffers::Hold(const py::handle& view, Access access) {
  Py_buffer buffer;
  if (PyObject_GetBuffer(view.ptr(), &buffer, access == Access::kWrite ? PyBUF_CONTIG : PyBUF_CONTIG_RO) != 0) {
    ClearBufferError();
    return {};
  }
  held_.push_back(buffer);
  if (buffer.itemsize != 1) return {};
  return {static_cast<std::byte*>(buffer.buf), static_cast<size_t>(buffer.len)};
}

}  // namespace slotwise
