// What watchers of assets wait for: each time it comes, the asset has an event, and DAGs that are scheduled on the asset run.
//
//   const Asset orders{"file:///in/orders", {{.name = "inbox", .trigger = FileDeleteTrigger{.filepath = "/in/orders.csv"}}}};
//   VENTURI_DAG(import, {.schedule = orders, .is_paused_upon_creation = false}) { dag.task<load>(); }
//
// The payload of a trigger is in the event: context.triggering_asset_events()[0].extra.at("payload").
#pragma once

#include <chrono>
#include <string>

#include "venturi/asset.h"

namespace venturi::inline sdk {

// Airflow's FileDeleteTrigger: fires when the file is there, and deletes it. The payload is its path. The file is deleted after
// the event is durable, so that none is lost; a file of the same name that comes later is another event.
struct FileDeleteTrigger {
  std::string filepath{};  // absolute, on the worker's machine
  std::chrono::milliseconds poke_interval{5000};

  operator EventTrigger() const {
    return {"airflow.providers.standard.triggers.file.FileDeleteTrigger",
            Object{{"filepath", filepath}, {"poke_interval", std::chrono::duration<double>(poke_interval).count()}}};
  }
};

}  // namespace venturi::inline sdk
