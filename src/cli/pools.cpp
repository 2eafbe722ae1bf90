// `pools`.
#include <algorithm>
#include <limits>
#include <utility>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "server/command_client.h"

namespace venturi::cli {
namespace {

const std::vector<std::string> columns{"pool", "slots", "description", "include_deferred"};

std::vector<Value> cells(const PoolRecord& pool) {
  return {pool.pool, pool.slots, pool.description, pool.include_deferred};
}

// default_pool is there before somebody sets it.
Result<std::vector<PoolRecord>> all_pools(Metadata& metadata) {
  auto pools = metadata.reader().pools();
  if (!pools || std::ranges::find(*pools, std::string_view(default_pool), &PoolRecord::pool) != pools->end()) return pools;
  const auto slots = static_cast<std::int32_t>(metadata.config.integer("core.default_pool_task_slot_count"));
  pools->push_back({default_pool, slots, "Default pool", false});
  std::ranges::sort(*pools, {}, &PoolRecord::pool);
  return pools;
}

std::unexpected<Error> no_pool(const std::string& name) {
  return fail(ErrorKind::not_found, "there is no pool " + name, "", "see: venturi pools list");
}

}  // namespace

Result<int> pools_list(const Arguments& arguments) {
  auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto pools = all_pools(*metadata);
  if (!pools) return std::unexpected(pools.error());
  Rows rows{columns, {}};
  for (const PoolRecord& pool : *pools) rows.rows.push_back(cells(pool));
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> pools_get(const Arguments& arguments) {
  auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto pools = all_pools(*metadata);
  if (!pools) return std::unexpected(pools.error());
  const std::string name = arguments.text("pool");
  const auto found = std::ranges::find(*pools, name, &PoolRecord::pool);
  if (found == pools->end()) return no_pool(name);
  print(format_rows(Rows{columns, {cells(*found)}}, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> pools_set(const Arguments& arguments) {
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string name = arguments.text("pool");
  const auto done = server::run_command(opened->home, opened->config,
                                        Object{{"command", "pools set"},
                                               {"pool", name},
                                               {"slots", arguments.integer("slots")},
                                               {"description", arguments.text("description")},
                                               {"include_deferred", arguments.has("include-deferred")}});
  if (!done) return std::unexpected(done.error());
  print("Pool " + name + " created\n");
  return exit_done;
}

Result<int> pools_delete(const Arguments& arguments) {
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string name = arguments.text("pool");
  const auto done = server::run_command(opened->home, opened->config, Object{{"command", "pools delete"}, {"pool", name}});
  if (!done) return std::unexpected(done.error());
  print("Pool " + name + " deleted\n");
  return exit_done;
}

}  // namespace venturi::cli
