#include "server/home_store.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/random.h"
#include "store/sqlite/list_reader.h"
#include "store/sqlite/sqlite_store.h"

namespace venturi::server {

Result<HomeStore> open_store(const Config& config, const HomeSecrets& secrets) {
  auto fernet = Fernet::from_keys(secrets.fernet_keys);
  if (!fernet) return std::unexpected(std::move(fernet.error()));
  HomeStore opened;
  opened.cipher = std::make_unique<FernetCipher>(std::move(*fernet));
  auto store = store::open_sqlite(config.path("database.path").string(), *opened.cipher);
  if (!store) return std::unexpected(std::move(store.error()));
  opened.store = std::move(*store);
  return opened;
}

Result<HomeReader> open_reader(const Home& home, const Config& config) {
  const std::string path = config.path("database.path").string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return fail(ErrorKind::not_found, "there is no database yet", path,
                "start a server (venturi standalone), or run: venturi db migrate");
  }
  const auto keys = read_fernet_keys(home, config);
  if (!keys) return std::unexpected(keys.error());
  auto fernet = Fernet::from_keys(*keys);
  if (!fernet) return std::unexpected(std::move(fernet.error()));
  HomeReader opened;
  opened.cipher = std::make_unique<FernetCipher>(std::move(*fernet));
  auto store = store::open_sqlite_as_is(path, *opened.cipher);
  if (!store) return std::unexpected(std::move(store.error()));
  opened.store = std::move(*store);
  auto reader = opened.store->open_reader();
  if (!reader) return std::unexpected(std::move(reader.error()));
  opened.reader = std::move(*reader);
  return opened;
}

Result<std::unique_ptr<store::Lists>> open_lists(const Config& config) {
  return store::open_sqlite_lists(config.path("database.path").string());
}

engine::Config engine_config(const Config& config, std::uint64_t epoch, const schedule::TimeZones& zones) {
  engine::Config out;
  out.epoch = epoch;
  for (const char c : random_bytes(8)) out.uuid_salt = out.uuid_salt << 8U | static_cast<unsigned char>(c);
  out.zones = &zones;
  out.parallelism = static_cast<int>(std::min(config.integer("core.parallelism"), config.integer("worker.parallelism")));
  out.rerun_with_latest_version = config.boolean("core.rerun_with_latest_version");
  out.dags_are_paused_at_creation = config.boolean("core.dags_are_paused_at_creation");
  out.max_active_runs_per_dag = static_cast<int>(config.integer("core.max_active_runs_per_dag"));
  out.max_active_tasks_per_dag = static_cast<int>(config.integer("core.max_active_tasks_per_dag"));
  out.max_consecutive_failed_dag_runs_per_dag =
      static_cast<int>(config.integer("core.max_consecutive_failed_dag_runs_per_dag"));
  out.default_pool_task_slot_count = static_cast<int>(config.integer("core.default_pool_task_slot_count"));
  out.partition_mapper_max_downstream_keys = static_cast<int>(config.integer("scheduler.partition_mapper_max_downstream_keys"));
  return out;
}

}  // namespace venturi::server
