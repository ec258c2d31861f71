// SPDX-License-Identifier: Apache-2.0
// The Python module: SlotwiseConnector, a Connector for LMCache. See README.md.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "lmcache/connector.h"
#include "lmcache/connector_parameters.h"
#include "lmcache/python_argument.h"
#include "lmcache/python_buffers.h"
#include "lmcache/python_keys.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"

namespace slotwise {
namespace {

namespace py = pybind11;

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

// A path in a message need not be UTF-8.
py::str TextOf(const absl::Status& status) {
  const absl::string_view message = status.message();
  PyObject* const text = PyUnicode_DecodeUTF8(message.data(), static_cast<Py_ssize_t>(message.size()), "replace");
  if (text == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(text);
}

// A Connector whose caller holds the GIL, which none of its work needs.
class PythonConnector {
 public:
  explicit PythonConnector(const ConnectorParameters& parameters) {
    const absl::StatusOr<ConnectorOptions> options = OptionsOf(parameters);
    if (!options.ok()) throw py::value_error(MessageOf(options.status()));
    const py::gil_scoped_release release;
    absl::StatusOr<std::unique_ptr<Connector>> connector = Connector::Open(*options);
    if (!connector.ok()) throw std::runtime_error(MessageOf(connector.status()));
    connector_ = *std::move(connector);
  }

  // What was lent with completions that nobody drained is released with the GIL.
  ~PythonConnector() {
    Py_BEGIN_ALLOW_THREADS;
    const absl::Status closed = connector_->Close();
    LOG_IF(ERROR, !closed.ok()) << "closing the store: " << closed;
    Py_END_ALLOW_THREADS;
  }
  PythonConnector(const PythonConnector&) = delete;
  PythonConnector& operator=(const PythonConnector&) = delete;

  int EventFd() const { return connector_->fd(); }

  int64_t SubmitSet(const py::list& keys, const py::list& memoryviews) {
    const PythonKeys names(keys);
    const auto buffers = std::make_shared<PythonBuffers>(memoryviews, PythonBuffers::Access::kRead);
    CheckPairs(names, *buffers);
    std::vector<RawBlockStore::PutRequest> requests;
    for (size_t i = 0; i < names.size(); ++i) requests.push_back({names.views()[i], (*buffers)[i]});
    return Submit([&] { return connector_->SubmitSet(requests, buffers); });
  }

  int64_t SubmitGet(const py::list& keys, const py::list& memoryviews) {
    const PythonKeys names(keys);
    const auto buffers = std::make_shared<PythonBuffers>(memoryviews, PythonBuffers::Access::kWrite);
    CheckPairs(names, *buffers);
    std::vector<RawBlockStore::GetRequest> requests;
    for (size_t i = 0; i < names.size(); ++i) requests.push_back({names.views()[i], (*buffers)[i]});
    return Submit([&] { return connector_->SubmitGet(requests, buffers); });
  }

  int64_t SubmitExists(const py::list& keys) {
    const PythonKeys names(keys);
    return Submit([&] { return connector_->SubmitExists(names.views()); });
  }

  int64_t SubmitDelete(const py::list& keys) {
    const PythonKeys names(keys);
    return Submit([&] { return connector_->SubmitDelete(names.views()); });
  }

  py::list DrainCompletions() {
    py::list drained;
    for (const Connector::Completion& completion : connector_->Drain()) {
      drained.append(
          py::make_tuple(completion.future, completion.status.ok(), TextOf(completion.status), completion.keys));
    }
    return drained;
  }

  void Close() {
    const py::gil_scoped_release release;
    const absl::Status closed = connector_->Close();
    if (!closed.ok()) throw std::runtime_error(MessageOf(closed));
  }

 private:
  static void CheckPairs(const PythonKeys& keys, const PythonBuffers& buffers) {
    if (keys.size() == buffers.size()) return;
    throw py::value_error(absl::StrCat(keys.size(), " keys, but ", buffers.size(), " memoryviews"));
  }

  template <typename Submission>
  static int64_t Submit(const Submission& submission) {
    const py::gil_scoped_release release;
    const absl::StatusOr<Connector::FutureId> future = submission();
    if (!future.ok()) throw std::runtime_error(MessageOf(future.status()));
    return *future;
  }

  std::unique_ptr<Connector> connector_;
};

void RefuseUnknown(const py::kwargs& unknown) {
  for (const auto& [name, value] : unknown) {
    throw py::type_error(absl::StrCat(py::str(name).cast<std::string>(), "=", py::repr(value).cast<std::string>(),
                                      ": no such parameter; help(SlotwiseConnector) lists them"));
  }
}

std::unique_ptr<PythonConnector> MakeConnector(const py::object& device_path, const py::object& capacity_bytes,
                                               const py::object& queue_depth, const py::object& create,
                                               const py::object& payload_bytes, const py::object& allocator,
                                               const py::object& eviction, const py::object& durability,
                                               const py::object& commit_interval_ms, const py::object& buffered,
                                               const py::object& io_engine, const py::object& metrics_path,
                                               const py::object& metrics_interval, const py::kwargs& unknown) {
  RefuseUnknown(unknown);
  ConnectorParameters parameters;
  parameters.device_path = PythonArgument("device_path", device_path).Paths();
  parameters.capacity_bytes = PythonArgument("capacity_bytes", capacity_bytes).Integer();
  parameters.queue_depth = PythonArgument("queue_depth", queue_depth).Integer();
  parameters.create = PythonArgument("create", create).Flag();
  parameters.payload_bytes = PythonArgument("payload_bytes", payload_bytes).Integer();
  parameters.allocator = PythonArgument("allocator", allocator).Text();
  parameters.eviction = PythonArgument("eviction", eviction).Text();
  parameters.durability = PythonArgument("durability", durability).Text();
  parameters.commit_interval_ms = PythonArgument("commit_interval_ms", commit_interval_ms).Integer();
  parameters.buffered = PythonArgument("buffered", buffered).Flag();
  parameters.io_engine = PythonArgument("io_engine", io_engine).Text();
  parameters.metrics_path = PythonArgument("metrics_path", metrics_path).Path();
  parameters.metrics_interval = PythonArgument("metrics_interval", metrics_interval).Number();
  return std::make_unique<PythonConnector>(parameters);
}

void DefineConnector(py::module_* module) {
  const ConnectorParameters defaults;
  py::class_<PythonConnector>(*module, "SlotwiseConnector", R"(Keeps LMCache's chunks on raw block devices or files.

Every method but the constructor and close() returns at once. A batch is submitted, and its completion waits behind
event_fd() until drain_completions() hands it out, once. The memory behind the memoryviews must stay until then.

Raises ValueError or TypeError for parameters that are wrong, RuntimeError if the store cannot be opened.)")
      .def(py::init(&MakeConnector), py::arg("device_path"), py::arg("capacity_bytes") = defaults.capacity_bytes,
           py::arg("queue_depth") = defaults.queue_depth, py::arg("create") = defaults.create,
           py::arg("payload_bytes") = defaults.payload_bytes, py::arg("allocator") = defaults.allocator,
           py::arg("eviction") = defaults.eviction, py::arg("durability") = defaults.durability,
           py::arg("commit_interval_ms") = defaults.commit_interval_ms, py::arg("buffered") = defaults.buffered,
           py::arg("io_engine") = defaults.io_engine, py::arg("metrics_path") = defaults.metrics_path,
           py::arg("metrics_interval") = defaults.metrics_interval)
      .def("event_fd", &PythonConnector::EventFd, "A descriptor that is readable while completions wait.")
      .def("submit_batch_set", &PythonConnector::SubmitSet, py::arg("keys"), py::arg("memoryviews"),
           "Stores payloads; a key that is there keeps its own. Returns a future_id.")
      .def("submit_batch_get", &PythonConnector::SubmitGet, py::arg("keys"), py::arg("memoryviews"),
           "Reads payloads into memoryviews. Returns a future_id.")
      .def("submit_batch_exists", &PythonConnector::SubmitExists, py::arg("keys"),
           "Looks keys up. Returns a future_id.")
      .def("submit_batch_delete", &PythonConnector::SubmitDelete, py::arg("keys"), "Deletes keys. Returns a future_id.")
      .def("drain_completions", &PythonConnector::DrainCompletions,
           "What has completed: a list of (future_id, ok, error, [whether it succeeded, of each key]).")
      .def("close", &PythonConnector::Close,
           "Finishes what is under way and closes the store. Completions can still be drained.");
}

}  // namespace
}  // namespace slotwise

PYBIND11_MODULE(slotwise_lmcache, module) {
  module.doc() = "Slotwise, a store for KV-cache chunks, as a native plugin of LMCache.";
  slotwise::DefineConnector(&module);
}
