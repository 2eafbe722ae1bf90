// A sensor of the program's own: when it is asked again, and what its failures count for. The state table is that of the
// built-in sensors (src/operators/sensor.h), Airflow's BaseSensorOperator. It never waits itself: who drives it does.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/sensor_wait.h"
#include "sdk/context_data.h"
#include "sdk/dag_node.h"

namespace venturi::inline sdk::internal {

// Tests have one of their own, on which nobody waits.
class SensorClock {
 public:
  SensorClock() = default;
  SensorClock(const SensorClock&) = delete;
  SensorClock& operator=(const SensorClock&) = delete;
  virtual ~SensorClock();
  [[nodiscard]] virtual Time now() = 0;
  [[nodiscard]] virtual Duration since_boot() = 0;  // that nobody sets
  virtual void sleep(Duration duration) = 0;
};
class RealClock final : public SensorClock {
 public:
  [[nodiscard]] Time now() override;
  [[nodiscard]] Duration since_boot() override;
  void sleep(Duration duration) override;
};

class SensorRun {
 public:
  // `reschedules`: how often this try was called again. Reads its inputs; throws what that throws.
  SensorRun(const detail::TaskNode& task, detail::ContextData& data, detail::Invocation& call, SensorClock& clock,
            int reschedules);

  struct Next {
    enum class Kind : std::uint8_t { done, wait, reschedule } kind = Kind::done;
    Duration wait{};  // from now
    Value xcom{};     // of what is done
  };
  // Asks once. Throws TaskSkipped, TaskFailedForGood (a time-out) or what the sensor threw.
  [[nodiscard]] Next next();

 private:
  [[nodiscard]] detail::SensorStep step();
  void judge();
  [[nodiscard]] double run_duration();
  [[noreturn]] void time_out(double duration) const;

  detail::ContextData& data_;
  SensorClock& clock_;
  SensorTimes times_;
  bool soft_fail_, never_fail_, silent_fail_;
  std::string name_, started_at_;
  Time start_{};
  Duration began_;
  int count_ = 0;
  bool late_ = false;  // a coroutine waits longer than its time-out
  std::unique_ptr<detail::RunningSensor> running_;
};

}  // namespace venturi::inline sdk::internal
