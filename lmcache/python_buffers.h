// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_LMCACHE_PYTHON_BUFFERS_H_
#define SLOTWISE_LMCACHE_PYTHON_BUFFERS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "pybind11/pybind11.h"

namespace slotwise {

// The memory behind a list of memoryviews, held in place: until this is destroyed a view cannot be released, nor its
// object resized. Made and destroyed with the GIL; in between the spans may be used without it.
class PythonBuffers {
 public:
  enum class Access { kRead, kWrite };

  // Accepts any object with the buffer protocol; throws TypeError if the list holds anything else. A view whose bytes
  // cannot be used as they are (read-only for kWrite, not contiguous, of items larger than a byte, released) gives an
  // empty span.
  PythonBuffers(const pybind11::list& views, Access access);
  PythonBuffers(const PythonBuffers&) = delete;
  PythonBuffers& operator=(const PythonBuffers&) = delete;
  ~PythonBuffers();

  size_t size() const { return spans_.size(); }
  // REQUIRES, to write there: kWrite.
  std::span<std::byte> operator[](size_t i) const { return spans_[i]; }

 private:
  std::span<std::byte> Hold(const pybind11::handle& view, Access access);

  std::vector<Py_buffer> held_;
  std::vector<std::span<std::byte>> spans_;
};

}  // namespace slotwise

#endif  // SLOTWISE_LMCACHE_PYTHON_BUFFERS_H_
