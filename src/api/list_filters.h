// What a list's query asks for, as the store takes it (store/lists.h).
#pragma once

#include "api/endpoint.h"
#include "store/lists.h"

namespace venturi::api {

#define VENTURI_LIST_DATES(name)                                                                         \
  {name "_gte", Field::Type::date}, {name "_gt", Field::Type::date}, {name "_lte", Field::Type::date}, { \
    name "_lt", Field::Type::date                                                                        \
  }
#define VENTURI_LIST_NUMBERS(name)                                                                             \
  {name "_gte", Field::Type::number}, {name "_gt", Field::Type::number}, {name "_lte", Field::Type::number}, { \
    name "_lt", Field::Type::number                                                                            \
  }
#define VENTURI_LIST_PATTERNS(name)           \
  {name "_pattern", Field::Type::text}, {     \
    name "_prefix_pattern", Field::Type::text \
  }

inline constexpr Field run_list_query[] = {
    {"limit", Field::Type::integer},      {"offset", Field::Type::integer},      {"order_by", Field::Type::array},
    {"state", Field::Type::array},        {"run_type", Field::Type::array},      {"dag_version", Field::Type::array},
    {"conf_contains", Field::Type::text}, VENTURI_LIST_DATES("run_after"),       VENTURI_LIST_DATES("logical_date"),
    VENTURI_LIST_DATES("start_date"),     VENTURI_LIST_DATES("end_date"),        VENTURI_LIST_DATES("updated_at"),
    VENTURI_LIST_NUMBERS("duration"),     VENTURI_LIST_PATTERNS("run_id"),       VENTURI_LIST_PATTERNS("triggering_user_name"),
    VENTURI_LIST_PATTERNS("dag_id"),      VENTURI_LIST_PATTERNS("partition_key")};
inline constexpr Field task_instance_list_query[] = {{"limit", Field::Type::integer},
                                                     {"offset", Field::Type::integer},
                                                     {"order_by", Field::Type::array},
                                                     {"task_id", Field::Type::text},
                                                     {"state", Field::Type::array},
                                                     {"pool", Field::Type::array},
                                                     {"queue", Field::Type::array},
                                                     {"executor", Field::Type::array},
                                                     {"operator", Field::Type::array},
                                                     {"version_number", Field::Type::array},
                                                     {"try_number", Field::Type::array},
                                                     {"map_index", Field::Type::array},
                                                     VENTURI_LIST_DATES("run_after"),
                                                     VENTURI_LIST_DATES("logical_date"),
                                                     VENTURI_LIST_DATES("start_date"),
                                                     VENTURI_LIST_DATES("end_date"),
                                                     VENTURI_LIST_DATES("updated_at"),
                                                     VENTURI_LIST_NUMBERS("duration"),
                                                     VENTURI_LIST_PATTERNS("task_display_name"),
                                                     VENTURI_LIST_PATTERNS("dag_id"),
                                                     VENTURI_LIST_PATTERNS("run_id"),
                                                     VENTURI_LIST_PATTERNS("pool_name"),
                                                     VENTURI_LIST_PATTERNS("queue_name"),
                                                     VENTURI_LIST_PATTERNS("operator_name"),
                                                     VENTURI_LIST_PATTERNS("rendered_map_index")};

// Of the path's DAG; throw Refusal in Airflow's words.
[[nodiscard]] store::RunList run_list(const Call& call);
// Of the path's DAG and run.
[[nodiscard]] store::TaskInstanceList task_instance_list(const Call& call);

}  // namespace venturi::api
