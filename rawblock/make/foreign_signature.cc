// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/foreign_signature.h"

#include <blkid/blkid.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "iouring/system/errno_status.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

// More than a device can bear; what is still found then does not go away.
constexpr int kSignaturesMax = 1000;

// A search for whatever has a mark, valid or not, with the descriptor that it reads and erases by: one of its own,
// through the page cache, since libblkid aligns nothing.
class Search {
 public:
  static absl::StatusOr<Search> Begin(const DeviceFile& file, int access) {
    UniqueFd fd(::open(absl::StrCat("/proc/self/fd/", file.fd()).c_str(), access | O_CLOEXEC));
    if (!fd.valid()) return ErrnoStatus(errno, "cannot open it again through /proc/self/fd");
    Search search(std::move(fd), blkid_new_probe());
    if (search.probe_ == nullptr || blkid_probe_set_device(search.probe(), search.fd(), 0, 0) != 0 ||
        blkid_probe_enable_superblocks(search.probe(), 1) != 0 ||
        blkid_probe_set_superblocks_flags(search.probe(),
                                          BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_TYPE | BLKID_SUBLKS_BADCSUM) != 0 ||
        blkid_probe_enable_partitions(search.probe(), 1) != 0 ||
        blkid_probe_set_partitions_flags(search.probe(), BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT) != 0) {
      return absl::InternalError("libblkid cannot search it for signatures");
    }
    return search;
  }

  // Goes on to the next signature; false: there is none.
  absl::StatusOr<bool> Next() {
    const int result = blkid_do_probe(probe());
    if (result < 0) return absl::DataLossError("libblkid cannot read it to search for signatures");
    return result == 0;
  }

  ForeignSignature Found() const {
    const std::string type = Value("TYPE");
    if (!type.empty()) return {.type = type, .offset = Number(Value("SBMAGIC_OFFSET"))};
    return {.type = Value("PTTYPE"), .offset = Number(Value("PTMAGIC_OFFSET"))};
  }

  // Of what was found.
  bool Erase() { return blkid_do_wipe(probe(), /*dryrun=*/0) == 0; }

  int fd() const { return fd_.get(); }

 private:
  Search(UniqueFd fd, blkid_probe probe) : fd_(std::move(fd)), probe_(probe, &blkid_free_probe) {}

  blkid_probe probe() const { return probe_.get(); }

  std::string Value(const char* name) const {
    const char* value = nullptr;
    return blkid_probe_lookup_value(probe(), name, &value, nullptr) == 0 && value != nullptr ? value : "";
  }

  static uint64_t Number(const std::string& text) { return std::strtoull(text.c_str(), nullptr, 10); }

  UniqueFd fd_;
  std::unique_ptr<std::remove_pointer_t<blkid_probe>, decltype(&blkid_free_probe)> probe_;
};

absl::Status At(const DeviceFile& file, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(file.path(), ": ", status.message()));
}

absl::Status EraseAll(Search* search) {
  for (int erased = 0; erased < kSignaturesMax; ++erased) {
    const absl::StatusOr<bool> found = search->Next();
    if (!found.ok()) return found.status();
    if (!*found) return ::fsync(search->fd()) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "cannot flush it");
    const ForeignSignature signature = search->Found();
    if (!search->Erase()) {
      return absl::DataLossError(
          absl::StrCat("cannot erase the signature of ", signature.type, " at byte ", signature.offset));
    }
  }
  return absl::DataLossError("signatures do not go away, however often they are erased");
}

}  // namespace

absl::StatusOr<std::optional<ForeignSignature>> FindForeignSignature(const DeviceFile& file) {
  absl::StatusOr<Search> search = Search::Begin(file, O_RDONLY);
  if (!search.ok()) return At(file, search.status());
  const absl::StatusOr<bool> found = search->Next();
  if (!found.ok()) return At(file, found.status());
  return *found ? std::optional<ForeignSignature>(search->Found()) : std::nullopt;
}

absl::Status EraseForeignSignatures(const DeviceFile& file) {
  absl::StatusOr<Search> search = Search::Begin(file, O_RDWR);
  if (!search.ok()) return At(file, search.status());
  if (absl::Status erased = EraseAll(&*search); !erased.ok()) return At(file, erased);
  // Not allowed to everybody, and of no use on a partition.
  if (file.geometry().is_block_device) ::ioctl(file.fd(), BLKRRPART);
  return absl::OkStatus();
}

}  // namespace slotwise
