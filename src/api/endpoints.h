// The groups of endpoints, each declared in a file of its own.
#pragma once

#include <span>

#include "api/endpoint.h"

namespace venturi::api {

// In a path in place of a dag_id, run_id or task_id: all of them.
inline constexpr std::string_view any_id = "~";
inline constexpr Field page_query[] = {
    {"limit", Field::Type::integer}, {"offset", Field::Type::integer}, {"order_by", Field::Type::text}};
inline constexpr Field update_mask[] = {{"update_mask", Field::Type::array}};

[[nodiscard]] std::span<const Endpoint> monitor_endpoints();  // version, health, log-in, the document
[[nodiscard]] std::span<const Endpoint> system_endpoints();   // configuration, jobs, providers, plugins
[[nodiscard]] std::span<const Endpoint> event_log_endpoints();
[[nodiscard]] std::span<const Endpoint> dag_endpoints();
[[nodiscard]] std::span<const Endpoint> dag_file_endpoints();  // versions, sources, tags, warnings, import errors
[[nodiscard]] std::span<const Endpoint> run_endpoints();
[[nodiscard]] std::span<const Endpoint> state_endpoints();  // before task instances: "state-store" is no map_index
[[nodiscard]] std::span<const Endpoint> task_instance_endpoints();
[[nodiscard]] std::span<const Endpoint> try_endpoints();  // one try, what it waits for, its links
[[nodiscard]] std::span<const Endpoint> log_endpoints();
[[nodiscard]] std::span<const Endpoint> batch_endpoints();   // lists that are asked for with a body
[[nodiscard]] std::span<const Endpoint> change_endpoints();  // clear and mark
[[nodiscard]] std::span<const Endpoint> group_endpoints();   // ... of task groups
[[nodiscard]] std::span<const Endpoint> many_endpoints();    // ... of many at once
[[nodiscard]] std::span<const Endpoint> asset_endpoints();
[[nodiscard]] std::span<const Endpoint> asset_queue_endpoints();
[[nodiscard]] std::span<const Endpoint> xcom_endpoints();
[[nodiscard]] std::span<const Endpoint> pool_endpoints();
[[nodiscard]] std::span<const Endpoint> backfill_endpoints();
[[nodiscard]] std::span<const Endpoint> variable_endpoints();
[[nodiscard]] std::span<const Endpoint> connection_endpoints();

}  // namespace venturi::api
