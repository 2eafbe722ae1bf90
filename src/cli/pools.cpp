// `pools`.
#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "home/small_file.h"
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

// All of it is looked at before the first one is set.
Result<int> pools_import(const Arguments& arguments) {
  const std::string file = arguments.text("file");
  const auto text = read_small_file(file);
  if (!text) return std::unexpected(text.error());
  if (!*text) return fail(ErrorKind::not_found, "there is no such file", file);
  const auto content = parse_json(**text);
  if (!content) return fail(ErrorKind::invalid, "the file is no JSON: " + content.error().what, file);
  if (!content->is_object())
    return fail(ErrorKind::invalid, "the file has to be an object of pools by their names", file,
                R"(write {"shop": {"slots": 2, "description": ""}})");
  std::vector<Value> commands;
  for (const auto& [name, pool] : content->as_object()) {
    const Value* slots = pool.get("slots");
    if (slots == nullptr || !slots->is_int())
      return fail(ErrorKind::invalid, "pool " + name + " has no whole number of slots", file, "write {\"slots\": 2}");
    commands.emplace_back(Object{{"command", "pools set"},
                                 {"pool", name},
                                 {"slots", *slots},
                                 {"description", pool.get_string("description")},
                                 {"include_deferred", pool.get_bool("include_deferred")}});
  }
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  for (const Value& command : commands) {
    if (auto done = server::run_command(opened->home, opened->config, command); !done)
      return std::unexpected(std::move(done.error()));
  }
  print(std::to_string(commands.size()) + " pools imported from " + file + ".\n");
  return exit_done;
}

Result<int> pools_export(const Arguments& arguments) {
  auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto pools = all_pools(*metadata);
  if (!pools) return std::unexpected(pools.error());
  Object content;
  for (const PoolRecord& pool : *pools)
    content.add(pool.pool,
                Object{{"slots", pool.slots}, {"description", pool.description}, {"include_deferred", pool.include_deferred}});
  const std::string file = arguments.text("file");
  if (auto written = write_private_file(std::filesystem::absolute(file), to_json(content, 4) + "\n"); !written)
    return std::unexpected(std::move(written.error()));
  print(std::to_string(pools->size()) + " pools exported to " + file + ".\n");
  return exit_done;
}

}  // namespace venturi::cli
