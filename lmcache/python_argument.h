// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_LMCACHE_PYTHON_ARGUMENT_H_
#define SLOTWISE_LMCACHE_PYTHON_ARGUMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pybind11/pybind11.h"

namespace slotwise {

// A constructor's argument and its name. The conversions throw TypeError if it is of another type than asked for, and
// ValueError if its value does not fit. With the GIL.
class PythonArgument {
 public:
  // Both are borrowed.
  PythonArgument(const char* name, const pybind11::object& value) : name_(name), value_(value) {}

  std::string Text() const;
  // A path, as the file system has it.
  std::string Path() const;
  // One path or a list of paths.
  std::vector<std::string> Paths() const;
  int64_t Integer() const;  // no bool
  double Number() const;    // an int or a float
  bool Flag() const;

 private:
  [[noreturn]] void Refuse(const char* allowed) const;

  const char* name_;
  const pybind11::object& value_;
};

}  // namespace slotwise

#endif  // SLOTWISE_LMCACHE_PYTHON_ARGUMENT_H_
