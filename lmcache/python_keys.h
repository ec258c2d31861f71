// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_LMCACHE_PYTHON_KEYS_H_
#define SLOTWISE_LMCACHE_PYTHON_KEYS_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "pybind11/pybind11.h"

namespace slotwise {

// The keys of a list of str, as UTF-8; lone surrogates are encoded like other code points. Made and destroyed with the
// GIL; in between the views stay valid, whatever happens to the list.
class PythonKeys {
 public:
  // Throws TypeError if there is anything else in the list.
  explicit PythonKeys(const pybind11::list& keys);

  size_t size() const { return views_.size(); }
  std::span<const std::string_view> views() const { return views_; }

 private:
  void Add(const pybind11::handle& key);

  std::vector<pybind11::object> owners_;  // of what the views show
  std::vector<std::string_view> views_;
};

}  // namespace slotwise

#endif  // SLOTWISE_LMCACHE_PYTHON_KEYS_H_
