// Sensors of one's own: what waits for something. Not part of venturi/dag.h: include it beside that.
//
//   bool is_open(const Context& context) { return context.get_variable("shop", "closed") == "open"; }
//   PokeReturnValue<std::string> newest(const Context&, const std::string& folder) { return {.is_done = true, .xcom_value =
//   "a"}; } struct OrdersArrived { std::string path; bool poke(const Context&) const; }; SensorTask<std::int64_t>
//   countdown(const Context& context) { while (!ready()) co_await 10s; co_return 3; }
//
//   auto open = dag.sensor<is_open>({.poke_interval = 10s, .timeout = 2h, .mode = SensorMode::reschedule});
//   auto file = dag.sensor<newest>({.soft_fail = true}, {.retries = 2})("/in");       // inputs as those of any function
//   auto here = dag.sensor("orders", OrdersArrived{.path = "/in/{{ ds }}.csv"});      // fields as those of an operator
//
// Options and what they mean are those of Airflow's BaseSensorOperator (sensor_options.h). A coroutine says itself how long it
// waits, in its process: mode, max_wait and exponential_backoff are not for it, its time-out is.
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "venturi/own_fields.h"
#include "venturi/sensor_options.h"
#include "venturi/task_function.h"
#include "venturi/task_group.h"
#include "venturi/task_options.h"

namespace venturi::inline sdk {

// Airflow's: with a value for the XCom.
template <class T>
struct PokeReturnValue {
  bool is_done = false;
  T xcom_value{};
};

namespace detail {

template <class T>
struct SensorPromiseValue {
  T value{};
  template <class U>
  void return_value(U&& result) {
    value = static_cast<U&&>(result);
  }
};
template <>
struct SensorPromiseValue<void> {
  void return_void() {}
};

template <class T>
struct Awaited {
  static constexpr bool is_a_duration = false;
};

}  // namespace detail

// A coroutine that waits by `co_await 10s`, and is done when it returns.
template <class T = void>
class SensorTask {
 public:
  struct promise_type : detail::SensorPromiseValue<T> {
    Duration wait{};
    std::exception_ptr error;

    SensorTask get_return_object() { return SensorTask(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void unhandled_exception() { error = std::current_exception(); }
    template <class Rep, class Period>
    std::suspend_always await_transform(std::chrono::duration<Rep, Period> duration) {
      wait = std::chrono::ceil<Duration>(duration);
      return {};
    }
    template <class Other>
    std::suspend_always await_transform(const Other&) {
      static_assert(detail::Awaited<Other>::is_a_duration,
                    "a sensor's coroutine waits for a time (named before: the type that it awaits): co_await 10s, with "
                    "std::chrono_literals");
      return {};
    }
  };

  SensorTask(SensorTask&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  SensorTask& operator=(SensorTask&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~SensorTask() {
    if (handle_) handle_.destroy();
  }

  // Until its next wait or its end. What it throws comes out here.
  void resume() {
    handle_.resume();
    if (handle_.promise().error) std::rethrow_exception(handle_.promise().error);
  }
  [[nodiscard]] bool is_done() const { return handle_.done(); }
  [[nodiscard]] Duration wait() const { return handle_.promise().wait; }
  [[nodiscard]] const promise_type& promise() const { return handle_.promise(); }

 private:
  explicit SensorTask(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

// One poke, or a coroutine's way to its next wait.
struct SensorStep {
  bool is_done = false;
  Option<Duration> wait{};  // a coroutine says how long
  Value xcom{};
};

// A sensor with all that it refers to. It never waits itself: who holds it does, in whatever way.
class RunningSensor {
 public:
  RunningSensor() = default;
  RunningSensor(const RunningSensor&) = delete;
  RunningSensor& operator=(const RunningSensor&) = delete;
  virtual ~RunningSensor();
  // After an exception a coroutine begins anew.
  [[nodiscard]] virtual SensorStep step() = 0;
};

struct SensorTable {
  FunctionTable function;  // its name, result and parameters; not called
  OwnFields fields;        // of a struct
  RunningSensor* (*start)(const void* target, Invocation& call);
  bool is_coroutine;
};
[[nodiscard]] TaskNode& add_own_sensor(GroupNode& group, std::string_view task_id, const SensorTable& table,
                                       const SensorOptions& sensor, const TaskOptions& options, const void* target = nullptr,
                                       void (*destroy)(const void* target) = nullptr);

// What a poke may return, and what of it becomes the XCom.
template <class R>
struct PokeResult {
  static constexpr bool is_allowed = false, is_coroutine = false;
  using Out = void;
};
template <>
struct PokeResult<bool> {
  static constexpr bool is_allowed = true, is_coroutine = false;
  using Out = void;
  static SensorStep step(bool is_done) { return {.is_done = is_done}; }
};
template <class T>
struct PokeResult<PokeReturnValue<T>> {
  static constexpr bool is_allowed = Transferable<T>, is_coroutine = false;
  using Out = T;
  static SensorStep step(const PokeReturnValue<T>& poke) {
    SensorStep step{.is_done = poke.is_done};
    if (poke.is_done) step.xcom = to_value(poke.xcom_value);
    return step;
  }
};
template <class T>
struct PokeResult<SensorTask<T>> {
  static constexpr bool is_allowed = std::is_void_v<T> || Transferable<T>, is_coroutine = true;
  using Out = T;
  static SensorStep step(SensorTask<T>& task) {
    task.resume();
    if (!task.is_done()) return {.is_done = false, .wait = task.wait()};
    SensorStep step{.is_done = true};
    if constexpr (!std::is_void_v<T>) step.xcom = to_value(task.promise().value);
    return step;
  }
};

// Its coroutine, where it is one.
template <class R>
struct Coroutine {};
template <class T>
struct Coroutine<SensorTask<T>> {
  std::optional<SensorTask<T>> task;
};

template <class R, class Call>
SensorStep step_of(Coroutine<R>& coroutine, const Call& call) {
  if constexpr (PokeResult<R>::is_coroutine) {
    if (!coroutine.task) coroutine.task.emplace(call());
    try {
      return PokeResult<R>::step(*coroutine.task);
    } catch (...) {
      coroutine.task.reset();
      throw;
    }
  } else {
    return PokeResult<R>::step(call());
  }
}

// ---- a function -----------------------------------------------------------------------------------------------------------

template <class Function, bool takes_context, class R, class... A>
class FunctionSensor : public RunningSensor {
 public:
  FunctionSensor(const void* target, Invocation& call) : FunctionSensor(target, call, std::index_sequence_for<A...>()) {}

  SensorStep step() override {
    return step_of<R>(coroutine_, [this]() -> R {
      return std::apply(
          [this](const auto&... arguments) -> R {
            decltype(auto) function = FunctionOf<Function>::get(target_);
            if constexpr (takes_context)
              return function(context_, arguments...);
            else
              return function(arguments...);
          },
          arguments_);
    });
  }
  static RunningSensor* start(const void* target, Invocation& call) { return new FunctionSensor(target, call); }

 private:
  template <std::size_t... I>
  FunctionSensor(const void* target, [[maybe_unused]] Invocation& call, std::index_sequence<I...>)
      : target_(target), context_(call.context), arguments_{call.argument<std::remove_cvref_t<A>>(I)...} {}

  const void* target_;
  Context context_;
  std::tuple<std::remove_cvref_t<A>...> arguments_;
  Coroutine<R> coroutine_;  // refers to those above
};

template <class Function>
struct Sensor {
  static constexpr bool is_function_or_has_poke = false;
};
template <class Function, class T>
struct Poked {
  static constexpr bool is_allowed = PokeResult<T>::is_allowed;
};

template <class Function, class R, bool parameters_are_allowed>
constexpr bool check_sensor() {
  static_assert(parameters_are_allowed,
                "a parameter of a sensor's function has a type that cannot travel between tasks, or is a reference that is not "
                "const (named before: the function): take what type.h lists, by value or const&; a Context comes first");
  static_assert(
      Poked<Function, R>::is_allowed,
      "a sensor's function, or poke(), returns bool: whether what it waits for is there; or a PokeReturnValue<T> with "
      "a value for the XCom; or it is a coroutine and returns a SensorTask<T> (named before: the sensor and the type "
      "that it returns)");
  return parameters_are_allowed && Poked<Function, R>::is_allowed;
}

template <class Function, bool takes_context, class R, class... A>
struct SensorOf {
  static constexpr bool is_allowed() { return check_sensor<Function, R, (Parameter<Function, A>::is_allowed && ...)>(); }
  using Out = typename PokeResult<R>::Out;
  using Handle = std::conditional_t<sizeof...(A) == 0, Output<Out>, NeedsInputs<Function, Out, A...>>;
  static constexpr const Type* result_type() {
    if constexpr (std::is_void_v<Out>)
      return nullptr;
    else
      return &type_of<Out>();
  }
  static constexpr SensorTable table{{nullptr, result_type(), sizeof...(A), FunctionOf<Function>::name},
                                     {},
                                     FunctionSensor<Function, takes_context, R, A...>::start,
                                     PokeResult<R>::is_coroutine};
};
template <class Function, bool takes_context, class R, class... A>
SensorOf<Function, takes_context, R, A...> sensor_of(const Task<Function, takes_context, R, A...>&);

// ---- a struct -------------------------------------------------------------------------------------------------------------

template <class S>
concept HasPoke = requires(S& sensor, const Context& context) { sensor.poke(context); };

template <class S>
class StructSensor : public RunningSensor {
 public:
  using Returned = std::remove_cvref_t<decltype(std::declval<S&>().poke(std::declval<const Context&>()))>;
  using Out = typename PokeResult<Returned>::Out;

  StructSensor(const S& sensor, Invocation& call) : sensor_(sensor), context_(call.context) {
    call.fill(&sensor_, table.fields);
  }
  SensorStep step() override {
    return step_of<Returned>(coroutine_, [this]() -> Returned { return sensor_.poke(context_); });
  }

  static RunningSensor* start(const void* target, Invocation& call) {
    return new StructSensor(*static_cast<const S*>(target), call);
  }
  static constexpr const Type* result_type() {
    if constexpr (std::is_void_v<Out>)
      return nullptr;
    else
      return &type_of<Out>();
  }
  static constexpr SensorTable table{
      {nullptr, result_type(), 0, {}}, own_fields<S>(), start, PokeResult<Returned>::is_coroutine};

 private:
  S sensor_;
  Context context_;
  Coroutine<Returned> coroutine_;
};

// ---- what Dag calls -------------------------------------------------------------------------------------------------------

template <class Function, class F>
  requires(!std::is_void_v<Function>)
struct AddSensor<Function, F> {
  static auto add(GroupNode& group, std::string_view task_id, const F& function, const SensorOptions& sensor,
                  const TaskOptions& options) {
    if constexpr (HasPoke<F>) {
      if constexpr (check_fields<F>() && check_sensor<F, typename StructSensor<F>::Returned, true>()) {
        return Output<typename StructSensor<F>::Out>(
            add_own_sensor(group, task_id, StructSensor<F>::table, sensor, options, new F(function), destroy<F>));
      } else {
        return Refused();
      }
    } else if constexpr (std::is_pointer_v<F> || requires { &F::operator(); }) {
      using Of = decltype(sensor_of(std::declval<typename BySignature<TaskOf, Function, F>::Type&>()));
      if constexpr (Of::is_allowed()) {
        using Handle = typename Of::Handle;
        if constexpr (FunctionOf<Function>::has_state)
          return Handle(add_own_sensor(group, task_id, Of::table, sensor, options, new F(function), destroy<F>));
        else
          return Handle(add_own_sensor(group, task_id, Of::table, sensor, options));
      } else {
        return Refused();
      }
    } else {
      static_assert(Sensor<Function>::is_function_or_has_poke,
                    "dag.sensor() takes a function, or a struct with poke(const Context&) (named before: the type)");
      return Refused();
    }
  }
};

}  // namespace detail

}  // namespace venturi::inline sdk
