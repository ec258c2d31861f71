// SPDX-License-Identifier: Apache-2.0
#include "tools/base/command_line.h"

#include <exception>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace slotwise {

int RunMain(int argc, char** argv, int (*run)(int argc, char** argv)) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    LOG(FATAL) << "an option is declared wrongly: " << error.what();
  }
}

absl::Status InOption(const char* option, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(option, ": ", status.message()));
}

}  // namespace slotwise
