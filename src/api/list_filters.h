// What a list's query asks for, as the store takes it (store/lists.h).
#pragma once

#include "api/endpoint.h"
#include "api/listing.h"
#include "store/lists.h"

namespace venturi::api {

inline constexpr Field run_list_query[] = {{"limit", Field::Type::integer},
                                           {"offset", Field::Type::integer},
                                           {"order_by", Field::Type::array},
                                           {"state", Field::Type::array},
                                           {"run_type", Field::Type::array},
                                           {"dag_version", Field::Type::array},
                                           {"conf_contains", Field::Type::text},
                                           VENTURI_DATES("run_after"),
                                           VENTURI_DATES("logical_date"),
                                           VENTURI_DATES("start_date"),
                                           VENTURI_DATES("end_date"),
                                           VENTURI_DATES("updated_at"),
                                           VENTURI_NUMBERS("duration"),
                                           VENTURI_PATTERNS("run_id"),
                                           VENTURI_PATTERNS("triggering_user_name"),
                                           VENTURI_PATTERNS("dag_id"),
                                           VENTURI_PATTERNS("partition_key"),
                                           {"partition_date_gte", Field::Type::date},
                                           {"partition_date_lte", Field::Type::date}};
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
                                                     VENTURI_DATES("run_after"),
                                                     VENTURI_DATES("logical_date"),
                                                     VENTURI_DATES("start_date"),
                                                     VENTURI_DATES("end_date"),
                                                     VENTURI_DATES("updated_at"),
                                                     VENTURI_NUMBERS("duration"),
                                                     VENTURI_PATTERNS("task_display_name"),
                                                     VENTURI_PATTERNS("dag_id"),
                                                     VENTURI_PATTERNS("run_id"),
                                                     VENTURI_PATTERNS("pool_name"),
                                                     VENTURI_PATTERNS("queue_name"),
                                                     VENTURI_PATTERNS("operator_name"),
                                                     VENTURI_PATTERNS("rendered_map_index")};

// Of the path's DAG; throw Refusal in Airflow's words.
[[nodiscard]] store::RunList run_list(const Call& call);
// Of the path's DAG and run.
[[nodiscard]] store::TaskInstanceList task_instance_list(const Call& call);

}  // namespace venturi::api
