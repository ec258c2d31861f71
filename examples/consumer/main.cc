// SPDX-License-Identifier: Apache-2.0
// A program of somebody else's that keeps payloads in Slotwise: makes a store
// in a file, puts a payload, and gets it back.
#include <future>
#include <iostream>
#include <string>
#include <vector>

#include "slotwise/create_store.h"
#include "slotwise/raw_block_store.h"

namespace {

absl::Status PutAndGet(slotwise::RawBlockStore* store) {
  const std::vector<std::byte> payload(100'000, std::byte{42});
  const slotwise::RawBlockStore::PutRequest put{"model@0@0@chunk", payload};
  std::promise<absl::Status> stored;
  store->PutMany({&put, 1}, {.durability = slotwise::Durability::kDurable},
                 [&](auto outcomes) { stored.set_value(outcomes[0].status()); });
  if (absl::Status status = stored.get_future().get(); !status.ok()) return status;

  std::vector<std::byte> back(payload.size());
  const slotwise::RawBlockStore::GetRequest get{put.key, back};
  std::promise<absl::Status> got;
  store->GetMany({&get, 1}, [&](auto bytes) { got.set_value(bytes[0].status()); });
  if (absl::Status status = got.get_future().get(); !status.ok()) return status;
  return back == payload ? absl::OkStatus() : absl::DataLossError("wrong bytes");
}

absl::Status Run(const std::string& path) {
  if (absl::Status made = slotwise::CreateStore(path, {.capacity_bytes = 64 << 20}); !made.ok()) return made;
  const auto store = slotwise::RawBlockStore::Open({&path, 1}, {});  // One path for each device.
  if (!store.ok()) return store.status();
  if (absl::Status status = PutAndGet(store->get()); !status.ok()) return status;
  return (*store)->Close();
}

}  // namespace

int main(int argc, char** argv) {
  const absl::Status status = argc == 2 ? Run(argv[1]) : absl::InvalidArgumentError("usage: main NEW_FILE");
  std::cout << status << "\n";
  return status.ok() ? 0 : 1;
}
