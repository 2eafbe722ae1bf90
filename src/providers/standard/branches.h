// Choices by the clock: LatestOnlyOperator, BranchDayOfWeekOperator, BranchDateTimeOperator.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/registry.h"

namespace venturi::providers {

// Skips what is directly below it where the run is not the latest of its schedule.
[[nodiscard]] boost::asio::awaitable<Value> run_latest_only(operators::OperatorTry& t, operators::Arguments arguments);
// week_day, use_task_logical_date (false: today, in the DAG's zone).
[[nodiscard]] boost::asio::awaitable<Value> run_branch_day_of_week(operators::OperatorTry& t, operators::Arguments arguments);
// target_lower, target_upper, use_task_logical_date.
[[nodiscard]] boost::asio::awaitable<Value> run_branch_date_time(operators::OperatorTry& t, operators::Arguments arguments);

}  // namespace venturi::providers
