// SPDX-License-Identifier: Apache-2.0
#include "tools/base/command_line.h"

#include <unistd.h>

#include <exception>
#include <new>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "tools/base/exit_code.h"
#include "tools/base/standard_descriptors.h"
#include "tools/base/standard_output.h"

namespace slotwise {
namespace {

int Run(int argc, char** argv, int (*run)(int argc, char** argv)) {
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    return static_cast<int>(Fail(absl::ResourceExhaustedError("out of memory; ask for less"), ExitCode::kFailed));
  } catch (const std::exception& error) {
    LOG(FATAL) << "an option is declared wrongly: " << error.what();
  }
}

}  // namespace

int RunMain(int argc, char** argv, int (*run)(int argc, char** argv)) {
  OpenStandardDescriptors();
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  StandardOutput output(STDOUT_FILENO);
  const int code = Run(argc, argv, run);
  const absl::Status written = output.Finish();
  if (written.ok()) return code;
  const ExitCode failed = Fail(written, ExitCode::kFailed);
  return code == static_cast<int>(ExitCode::kDone) ? static_cast<int>(failed) : code;
}

absl::Status InOption(const char* option, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(option, ": ", status.message()));
}

}  // namespace slotwise
