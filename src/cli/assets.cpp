// `assets`.
#include <algorithm>
#include <utility>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/trigger_run.h"
#include "cli/user.h"

namespace venturi::cli {
namespace {

const std::vector<std::string> asset_columns{"name", "uri", "group", "extra"};

std::vector<Value> cells(const AssetRecord& asset) {
  return {asset.key.name, asset.key.uri, asset.group, asset.extra.is_null() ? Value(Object{}) : asset.extra};
}

// The one that is meant by --name and --uri.
Result<AssetRecord> need_asset(store::Reader& reader, const Arguments& arguments) {
  const auto name = arguments.maybe("name"), uri = arguments.maybe("uri");
  const auto assets = reader.assets({});
  if (!assets) return std::unexpected(assets.error());
  std::vector<AssetRecord> fitting;
  for (const AssetRecord& asset : *assets) {
    if ((!name || asset.key.name == *name) && (!uri || asset.key.uri == *uri)) fitting.push_back(asset);
  }
  if (fitting.size() == 1) return fitting.front();
  const std::string which = name ? "named " + *name : "with the uri " + *uri;
  if (fitting.empty()) return fail(ErrorKind::not_found, "there is no asset " + which, "", "see: venturi assets list");
  return fail(ErrorKind::invalid, "there are several assets " + which, "", "say both --name and --uri");
}

// DAGs with a task that makes it.
Result<std::vector<std::string>> makers_of(store::Reader& reader, const AssetKey& key) {
  const auto dags = reader.dags();
  if (!dags) return std::unexpected(dags.error());
  std::vector<std::string> makers;
  for (const auto& dag : *dags) {
    const bool makes = std::ranges::any_of(
        dag->tasks, [&](const Task& task) { return std::ranges::find(task.outlets, key, &Outlet::key) != task.outlets.end(); });
    if (makes) makers.push_back(dag->dag_id);
  }
  std::ranges::sort(makers);
  return makers;
}

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

Rows rows_of_aliases(const std::vector<AssetAliasRecord>& aliases) {
  Rows rows{{"id", "name", "group"}, {}};
  for (const AssetAliasRecord& alias : aliases) rows.rows.push_back({Value(alias.no), alias.name, alias.group});
  return rows;
}

Result<int> alias_details(store::Reader& reader, const Arguments& arguments) {
  auto aliases = reader.asset_aliases();
  if (!aliases) return std::unexpected(aliases.error());
  const std::string name = arguments.text("name");
  const auto alias = std::ranges::find(*aliases, name, &AssetAliasRecord::name);
  if (alias == aliases->end())
    return fail(ErrorKind::not_found, "there is no asset alias named " + name, "", "see: venturi assets list --alias");
  const auto links = reader.aliased_assets();
  if (!links) return std::unexpected(links.error());
  std::vector<std::string> names;
  for (const AliasedAsset& link : *links) {
    if (link.alias != alias->no) continue;
    const auto asset = reader.assets({.no = link.asset});
    if (!asset) return std::unexpected(asset.error());
    for (const AssetRecord& row : *asset) names.push_back(row.key.name);
  }
  Rows rows = rows_of_aliases({*alias});
  rows.columns.emplace_back("assets");
  rows.rows.front().emplace_back(listed(names));
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

}  // namespace

Result<void> check_asset_named(const Arguments& arguments) {
  if (arguments.has("name") || arguments.has("uri")) return {};
  return fail(ErrorKind::invalid, "which asset?", "venturi assets", "say --name or --uri; see: venturi assets list");
}

Result<void> check_asset_or_alias_named(const Arguments& arguments) {
  if (!arguments.has("alias")) return check_asset_named(arguments);
  if (arguments.has("uri"))
    return fail(ErrorKind::invalid, "an asset alias has no uri", "venturi assets", "say --alias and --name");
  if (arguments.has("name")) return {};
  return fail(ErrorKind::invalid, "which asset alias?", "venturi assets", "say --name; see: venturi assets list --alias");
}

Result<int> assets_list(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  if (arguments.has("alias")) {
    const auto aliases = metadata->reader().asset_aliases();
    if (!aliases) return std::unexpected(aliases.error());
    print(format_rows(rows_of_aliases(*aliases), output_format(arguments.text("output"))));
    if (aliases->empty()) print_note("note: no DAG names an asset alias: see docs/assets.md");
    return exit_done;
  }
  const auto assets = metadata->reader().assets({});
  if (!assets) return std::unexpected(assets.error());
  Rows rows{asset_columns, {}};
  for (const AssetRecord& asset : *assets) rows.rows.push_back(cells(asset));
  print(format_rows(rows, output_format(arguments.text("output"))));
  if (assets->empty()) print_note("note: no DAG names an asset: see docs/assets.md");
  return exit_done;
}

Result<int> assets_details(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  store::Reader& reader = metadata->reader();
  if (arguments.has("alias")) return alias_details(reader, arguments);
  const auto asset = need_asset(reader, arguments);
  if (!asset) return std::unexpected(asset.error());
  const auto makers = makers_of(reader, asset->key);
  if (!makers) return std::unexpected(makers.error());
  const auto last = reader.asset_events({.assets = {asset->no}, .newest_first = true, .limit = 1});
  if (!last) return std::unexpected(last.error());
  std::vector<std::string> names = asset_columns;
  std::vector<Value> row = cells(*asset);
  for (const char* name : {"id", "created_at", "made_by", "last_event", "last_event_by"}) names.emplace_back(name);
  row.emplace_back(asset->no);
  row.emplace_back(format_time_offset(asset->created));
  row.emplace_back(listed(*makers));
  row.push_back(last->empty() ? Value() : Value(format_time_offset(last->front().at)));
  row.push_back(last->empty() || last->front().source_dag_id.empty()
                    ? Value()
                    : Value(last->front().source_dag_id + "." + last->front().source_task_id));
  print(format_rows({names, {row}}, output_format(arguments.text("output"))));
  return exit_done;
}

// As in Airflow a run of the one DAG that makes it.
Result<int> assets_materialize(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const auto metadata = server::open_reader(opened->home, opened->config);
  if (!metadata) return std::unexpected(metadata.error());
  const auto asset = need_asset(*metadata->reader, arguments);
  if (!asset) return std::unexpected(asset.error());
  const auto makers = makers_of(*metadata->reader, asset->key);
  if (!makers) return std::unexpected(makers.error());
  if (makers->empty())
    return fail(ErrorKind::not_found, "no DAG makes the asset " + asset->key.name, "",
                "name it in the outlets of a task, or make an event of it: POST /api/v2/assets/events");
  if (makers->size() > 1)
    return fail(ErrorKind::conflict, "several DAGs make the asset " + asset->key.name, "",
                "trigger the one that is meant: venturi dags trigger DAG, for one of " + listed(*makers));
  return trigger_run(*opened, Object{{"command", "dags trigger"}, {"dag_id", makers->front()}, {"user", user_name()}},
                     arguments.text("output"));
}

}  // namespace venturi::cli
