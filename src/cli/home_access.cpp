#include "cli/home_access.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "base/edit_distance.h"
#include "base/fd.h"
#include "schedule/time_zone.h"

extern char** environ;

namespace venturi::cli {
namespace {

Result<OpenedHome> open_at(const std::filesystem::path& root) {
  auto home = open_home(root);
  if (!home) return std::unexpected(std::move(home.error()));
  auto config = Config::load(home->root, environ);
  if (!config) return std::unexpected(std::move(config.error()));
  return OpenedHome{std::move(*home), std::move(*config)};
}

// Behind the date itself, which has dashes of its own.
bool has_offset(std::string_view text) {
  return text.size() > 10 && text.find_first_of("Zz+-", 10) != std::string_view::npos;
}

}  // namespace

Result<OpenedHome> open_or_make_home() {
  auto root = home_path();
  if (!root) return std::unexpected(std::move(root.error()));
  return open_at(*root);
}

Result<OpenedHome> open_existing_home() {
  auto root = home_path();
  if (!root) return std::unexpected(std::move(root.error()));
  std::error_code error;
  if (!std::filesystem::exists(*root, error) && !error) {
    return fail(ErrorKind::not_found, "there is no home yet", root->string(),
                "start it with: venturi standalone; or set VENTURI_HOME to the one that is meant");
  }
  return open_at(*root);
}

Result<Metadata> open_metadata() {
  auto opened = open_existing_home();
  if (!opened) return std::unexpected(std::move(opened.error()));
  auto reader = server::open_reader(opened->home, opened->config);
  if (!reader) return std::unexpected(std::move(reader.error()));
  return Metadata{std::move(opened->home), std::move(opened->config), std::move(*reader)};
}

Result<LockAttempt> lock_soon(const Home& home) {
  constexpr int attempts = 100;
  constexpr unsigned between_us = 50'000;
  for (int i = 0;; ++i) {
    auto attempt = try_lock(home, {});
    if (!attempt || attempt->lock || !attempt->owner.socket.empty() || i == attempts) return attempt;
    ::usleep(between_us);
  }
}

bool server_is_running(const Home& home) {
  try {
    return static_cast<bool>(connect_unix(home.server_socket().string()));
  } catch (const std::system_error&) {
    return false;  // whoever asks it something is told why that does not work
  }
}

Error no_such_dag(const std::string& dag_id, const std::vector<std::string>& known) {
  const std::string near = nearest(dag_id, known);
  return {ErrorKind::not_found, "there is no DAG " + dag_id, "",
          near.empty() ? "see: venturi dags list" : "did you mean " + near + "?"};
}

Result<std::shared_ptr<const Dag>> need_dag(store::Reader& reader, const std::string& dag_id) {
  auto dag = reader.dag(dag_id);
  if (!dag || *dag) return dag;
  const auto states = reader.dag_states();
  if (!states) return std::unexpected(states.error());
  std::vector<std::string> known;
  for (const DagState& state : *states) known.push_back(state.dag_id);
  return std::unexpected(no_such_dag(dag_id, known));
}

Result<DagRun> need_run(const Metadata& metadata, const std::string& dag_id, const std::string& text) {
  auto run = metadata.reader().run(dag_id, text);
  if (!run) return std::unexpected(std::move(run.error()));
  if (*run) return std::move(**run);
  if (auto dag = need_dag(metadata.reader(), dag_id); !dag) return std::unexpected(std::move(dag.error()));
  if (parse_time(text)) {
    const auto date = read_date(text, metadata.config);
    if (!date) return std::unexpected(date.error());
    auto runs = metadata.reader().runs({dag_id, std::nullopt, std::numeric_limits<int>::max()});
    if (!runs) return std::unexpected(std::move(runs.error()));
    const auto found = std::ranges::find(*runs, std::optional(*date), &DagRun::logical_date);
    if (found != runs->end()) return std::move(*found);
  }
  return fail(ErrorKind::not_found, "there is no run with the id or logical date " + text, "dag " + dag_id,
              "see: venturi dags list-runs " + dag_id);
}

Result<Time> read_date(const std::string& text, const Config& config) {
  const auto time = parse_time(text);
  if (!time) return fail(ErrorKind::invalid, "'" + text + "' is no date");
  const std::string& zone_name = config.text("core.default_timezone");
  if (has_offset(text) || zone_name == "utc" || zone_name == "UTC") return *time;
  auto zones = schedule::TimeZones::load();
  if (!zones) return std::unexpected(std::move(zones.error()));
  if (auto added = zones->add(zone_name); !added) {
    added.error().where = "core.default_timezone";
    return std::unexpected(std::move(added.error()));
  }
  const auto zone = zones->find(zone_name);
  if (!zone) return std::unexpected(zone.error());
  return (*zone)->to_utc(schedule::WallTime(time->time_since_epoch()));
}

}  // namespace venturi::cli
