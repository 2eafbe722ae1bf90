// Sensors: operators that ask again until what they wait for is there. Airflow's BaseSensorOperator.
//
//   poke ─┬─ done ──────────────────────────────▶ success, with the poke's XCom
//         ├─ not yet ─┬─ timeout is over ───────▶ failed without retry; with soft_fail skipped
//         │           ├─ deferrable ────────────▶ deferred: as in mode poke, but it holds no slot
//         │           ├─ mode poke ─────────────▶ sleeps in the host's loop, pokes again
//         │           └─ mode reschedule ───────▶ up_for_reschedule: the same try is started again at its time
//         ├─ AirflowSkipException ──────────────▶ skipped
//         ├─ AirflowFailException ──────────────▶ failed without retry; with soft_fail or never_fail skipped
//         └─ anything else ─────────────────────▶ failed; with silent_fail "not yet", with never_fail skipped
//
// A registry entry with `poke` is a sensor: its entry declares its own arguments, those of all sensors come with them.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <vector>

#include "operators/arguments.h"
#include "venturi/value.h"

namespace venturi::operators {

class OperatorTry;
struct OperatorEntry;

struct Poke {
  bool is_done = false;
  Value xcom;
};

// deferrable, poke_interval, timeout, mode, soft_fail, never_fail, silent_fail, exponential_backoff, max_wait.
[[nodiscard]] const std::vector<Argument>& sensor_arguments();

[[nodiscard]] boost::asio::awaitable<Value> run_sensor(OperatorTry& t, const OperatorEntry& entry, Arguments arguments);

}  // namespace venturi::operators
