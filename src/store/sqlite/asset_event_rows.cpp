#include "store/sqlite/asset_event_rows.h"

#include <string>

#include "store/sqlite/rows.h"

namespace venturi::store {

Result<std::vector<AssetEvent>> read_asset_events(const Database& db, const AssetEventFilter& filter) {
  const auto listed = [](const std::vector<std::int64_t>& numbers) {
    std::string list;
    for (const std::int64_t no : numbers) list += (list.empty() ? "(" : ",") + std::to_string(no);
    return list + ")";
  };
  std::string where = "WHERE no > ?1 AND (?2 IS NULL OR no <= ?2)";
  const std::string of_assets = "asset_no IN " + listed(filter.assets);
  const std::string of_aliases = "no IN (SELECT event_no FROM asset_alias_event WHERE alias_no IN " + listed(filter.aliases) +
                                 " AND event_no > ?1 AND (?2 IS NULL OR event_no <= ?2))";
  if (filter.aliases.empty()) {
    if (!filter.assets.empty()) where += " AND " + of_assets;
  } else {
    where += filter.assets.empty() ? " AND " + of_aliases : " AND (" + of_assets + " OR " + of_aliases + ")";
  }
  if (filter.of_partitioned_run != 0) {
    where +=
        " AND no IN (SELECT event_no FROM partitioned_event WHERE partitioned_run_no = (SELECT no FROM partitioned_run "
        "WHERE run_no > 0 AND run_no = " +
        std::to_string(filter.of_partitioned_run) + "))";
  }
  // Of one asset by time, which is the order of an index; else (the +) no index shall be chosen for it.
  const bool by_time = filter.assets.size() == 1 && filter.aliases.empty() && (filter.from_time || filter.to_time);
  where += by_time ? " AND at >= ?4 AND at <= ?5" : " AND +at >= ?4 AND +at <= ?5";
  const std::string direction = filter.newest_first ? " DESC" : "";
  where += std::string(" ORDER BY ") + (by_time ? "at" + direction + ", " : "") + "no" + direction + " LIMIT ?3";
  Statement statement(db, select_sql<AssetEvent>(where));
  return read_rows<AssetEvent>(db,
                               statement.bind(filter.after, filter.up_to, filter.limit, filter.from_time.value_or(Time::min()),
                                              filter.to_time.value_or(Time::max())));
}

}  // namespace venturi::store
