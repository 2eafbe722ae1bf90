// Airflow's standard sensors, as far as they wait for the clock, for files or for a command.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/registry.h"
#include "operators/sensor.h"

namespace venturi::providers {

// Airflow's, for what waits for the clock.
inline constexpr std::string_view clock_trigger = "airflow.providers.standard.triggers.temporal.DateTimeTrigger";

// Of type fs: whether its path is there, on this machine, as Airflow's FSHook says it.
[[nodiscard]] operators::ConnectionTest test_fs(const Connection& connection);
// An event trigger (file_delete_trigger.cpp).
[[nodiscard]] boost::asio::awaitable<void> watch_file_to_delete(operators::WatcherRun& run, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_file(operators::OperatorTry& t,
                                                                const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_time(operators::OperatorTry& t,
                                                                const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_time_delta(operators::OperatorTry& t,
                                                                      const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_date_time(operators::OperatorTry& t,
                                                                     const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_day_of_week(operators::OperatorTry& t,
                                                                       const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_bash(operators::OperatorTry& t,
                                                                const operators::Arguments& arguments);
// external_task.cpp has the arguments.
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_external_task(operators::OperatorTry& t,
                                                                         const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_wait(operators::OperatorTry& t, operators::Arguments arguments);

}  // namespace venturi::providers
