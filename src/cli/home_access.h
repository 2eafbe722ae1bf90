// The home that a command works on, opened as far as the command needs it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "cli/arguments.h"
#include "home/config.h"
#include "home/home.h"
#include "model/dag.h"
#include "model/records.h"
#include "server/home_store.h"

namespace venturi::cli {

struct OpenedHome {
  Home home;
  Config config;
};
// For those who change something or start: the home is made where there is none.
[[nodiscard]] Result<OpenedHome> open_or_make_home();
// For those who only look: a home that is not there is an error.
[[nodiscard]] Result<OpenedHome> open_existing_home();

struct Metadata {
  Home home;
  Config config;
  server::HomeReader opened;
  [[nodiscard]] store::Reader& reader() const { return *opened.reader; }
};
// Beside a running server or without one.
[[nodiscard]] Result<Metadata> open_metadata();

// The right to change the home. Waits for another command, which is done in a moment, and not for a server.
[[nodiscard]] Result<LockAttempt> lock_soon(const Home& home);
[[nodiscard]] bool server_is_running(const Home& home);

// Errors of kind not_found name the nearest one.
[[nodiscard]] Result<std::shared_ptr<const Dag>> need_dag(store::Reader& reader, const std::string& dag_id);
[[nodiscard]] Error no_such_dag(const std::string& dag_id, const std::vector<std::string>& known);
// `text` is a run's id, or its logical date.
[[nodiscard]] Result<DagRun> need_run(const Metadata& metadata, const std::string& dag_id, const std::string& text);

// A date argument; one without an offset is of [core] default_timezone, as in Airflow.
[[nodiscard]] Result<Time> read_date(const std::string& text, const Config& config);

}  // namespace venturi::cli
