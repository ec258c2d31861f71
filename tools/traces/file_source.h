// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_FILE_SOURCE_H_
#define SLOTWISE_TOOLS_TRACES_FILE_SOURCE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "tools/traces/byte_source.h"

namespace slotwise {

// The bytes of a regular file. Owns its descriptor.
class FileSource : public ByteSource {
 public:
  // InvalidArgument for what is no regular file, or the system's error.
  static absl::StatusOr<std::unique_ptr<FileSource>> Open(const std::string& path);

  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  absl::StatusOr<size_t> Read(std::span<char> out) override;

 private:
  FileSource(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_FILE_SOURCE_H_
