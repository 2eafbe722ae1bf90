// Carries out what the outbox holds: each entry becomes a RunCallback to the worker, and stays in the store until the worker
// says that it is done. A worker that died is asked again; receivers tell doubles by the entry's key.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/engine.h"
#include "home/home.h"
#include "server/scheduler.h"
#include "server/worker_link.h"

namespace venturi::server {

class Deliveries {
 public:
  Deliveries(Scheduler& scheduler, WorkerLink& worker, store::Reader& reader, const Home& home)
      : scheduler_(scheduler), worker_(worker), reader_(reader), home_(home) {}

  void deliver(const engine::Deliver& delivery);
  // A worker is there (again): everything that has no result yet.
  void deliver_all();
  void on_result(std::int64_t no, const std::string& error);
  [[nodiscard]] bool empty() const { return under_way_.empty(); }

 private:
  [[nodiscard]] Result<Value> request(const engine::Deliver& delivery);
  [[nodiscard]] Result<void> add_context(const engine::Deliver& delivery, bool templates, Object& c);

  Scheduler& scheduler_;
  WorkerLink& worker_;
  store::Reader& reader_;
  const Home& home_;
  std::map<std::int64_t, engine::Deliver> under_way_;
};

}  // namespace venturi::server
