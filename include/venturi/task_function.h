// How functions become tasks: the templates behind Dag::task, branch and short_circuit. A function leaves behind one constant
// table and one small function that reads its parameters and writes its result; everything else is in the archive, so that a
// further task costs the compiler little.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "venturi/context.h"
#include "venturi/mapping.h"
#include "venturi/named_function.h"
#include "venturi/output.h"
#include "venturi/owned.h"
#include "venturi/task_options.h"
#include "venturi/type.h"

namespace venturi::inline sdk::detail {

struct GroupNode;
struct OwnFields;

// A parameter that reads what it stands for while it is gone through (lazy_xcoms.h).
template <class T>
concept Lazy = requires { typename T::LazyItem; };

// One call of a task's function.
class Invocation {
 public:
  Invocation(ContextData& data, const TaskNode& task) : context(data), data_(data), task_(task) {}

  Context context;

  template <class T>
  [[nodiscard]] T argument(std::size_t index) {
    if constexpr (Lazy<T>) {
      return T(lazy_state(index));
    } else {
      T value{};
      read(index, &value, type_of<T>());
      return value;
    }
  }
  void result(const void* value, const Type& type);
  // Of an operator or sensor that is a struct: puts what other tasks gave, and rendered templates, into a copy of it.
  void fill(void* object, const OwnFields& fields);

 private:
  void read(std::size_t index, void* to, const Type& type);
  [[nodiscard]] const void* lazy_state(std::size_t index);  // what lazy_xcoms.h takes over
  ContextData& data_;
  const TaskNode& task_;
};

// What the archive knows of a function.
struct FunctionTable {
  void (*invoke)(const void* target, Invocation& call);
  const Type* result;  // nullptr: it gives nothing
  std::size_t parameters;
  std::string_view name;  // as the compiler spells it; empty for what has none
};

enum class TaskKind : std::uint8_t { plain, branch, short_circuit };

// `target` is the callable where it has a state: the task owns it then, and ends it with `destroy`. Without a task_id the
// function's name is taken.
[[nodiscard]] TaskNode& add_function(GroupNode& group, TaskKind kind, std::string_view task_id, const FunctionTable& table,
                                     const TaskOptions& options, const void* target = nullptr,
                                     void (*destroy)(const void* target) = nullptr);
void take_output(TaskNode& task, const TaskRef& from, std::string_view key);
void take_constant(TaskNode& task, const void* value, const Type& type);
void take_expanded(TaskNode& task, const ExpandBase& list);
// `lazily`: it reads them itself.
void take_instances(TaskNode& task, const TaskRef& mapped, bool lazily = false);
void take_list(TaskNode& task, const ListBase& list);
void take_item(TaskNode& task, const ItemBase& item);
void constant_out_of_range(TaskNode& task, std::string_view type);

// ---- its inputs ----------------------------------------------------------------------------------------------------------

template <class Function, class From, class To>
struct Input {
  static constexpr bool fits = Lossless<From, To>::value;
};
template <class Function, class To>
struct Input<Function, void, To> {
  static constexpr bool fits = false;
};
template <class Function, class T>
struct Parameter {
  static constexpr bool is_allowed =
      Transferable<std::remove_cvref_t<T>> && (!std::is_lvalue_reference_v<T> || std::is_const_v<std::remove_reference_t<T>>);
};
template <class Function, class T>
struct Result {
  static constexpr bool is_allowed = std::is_void_v<T> || Transferable<T>;
};
template <class Function, std::size_t parameters, std::size_t inputs>
struct Inputs {
  static constexpr bool are_as_many = parameters == inputs;
};

// auto, and not void: clang then names the line of the DAG file with what does not fit.
template <class Function, class To, class From>
auto take(TaskNode& task, const Output<From>& from) {
  static_assert(Input<Function, From, To>::fits,
                "a task takes an output of another type than its parameter (named before: the task's function, the output's "
                "type, the parameter's type). Make both the same type; or let the parameter hold every value of the output "
                "(int to std::int64_t, float to double, T to std::optional<T>, anything to venturi::Value); or convert in a "
                "task between them");
  if constexpr (Input<Function, From, To>::fits) take_output(task, from, from.key());
}
template <class Function, class To, class From>
auto take(TaskNode& task, const From& constant) {
  if constexpr (Integer<From> && Integer<To>) {
    const To value = static_cast<To>(constant);
    if (!std::in_range<To>(constant))
      constant_out_of_range(task, type_of<To>().name);
    else
      take_constant(task, &value, type_of<To>());
  } else {
    constexpr bool is_text = std::convertible_to<From, std::string_view> &&
                             (std::same_as<To, std::string> || std::same_as<To, std::optional<std::string>>);
    constexpr bool fits =
        is_text || Input<Function, From, To>::fits || (std::same_as<To, Value> && std::convertible_to<From, Value>);
    static_assert(Input<Function, From, To>::fits || fits,
                  "a task takes a constant of another type than its parameter (named before: the task's function, the "
                  "constant's type, the parameter's type). Give it a constant of the parameter's type");
    if constexpr (fits) {
      const To value(constant);
      take_constant(task, &value, type_of<To>());
    }
  }
}

template <class Function, class To, class From, bool is_computed>
auto take(TaskNode& task, const Expand<From, is_computed>& list) {
  static_assert(
      Input<Function, From, To>::fits,
      "a task is mapped over items of another type than its parameter (named before: the task's function, the items' type, "
      "the parameter's type). Make both the same type, or let the parameter hold every value of an item");
  if constexpr (Input<Function, From, To>::fits) take_expanded(task, list);
}
template <class Function, class To, class From>
auto take(TaskNode& task, const MappedItem<From>& item) {
  static_assert(Input<Function, From, To>::fits,
                "a task takes its group's item, which is of another type than its parameter (named before: the task's "
                "function, the item's type, the parameter's type). Make both the same type, or let the parameter hold every "
                "value of an item");
  if constexpr (Input<Function, From, To>::fits) take_item(task, item);
}
template <class Function, class To, class From>
auto take(TaskNode& task, const Mapped<From>& instances) {
  if constexpr (Lazy<To>) {
    static_assert(Input<Function, From, typename To::LazyItem>::fits,
                  "a task takes what all instances of a mapped task gave as a sequence of another type (named before: the "
                  "task's function, what they gave, the sequence's type). Make both the same type, or let the sequence's hold "
                  "every value of the other");
    if constexpr (Input<Function, From, typename To::LazyItem>::fits) take_instances(task, instances, true);
  } else {
    static_assert(
        Input<Function, std::vector<From>, To>::fits,
        "a task takes what all instances of a mapped task gave, and its parameter is no std::vector of that (named before: the "
        "task's function, the vector, the parameter's type). Take the vector, or one of each: expand(...)");
    if constexpr (Input<Function, std::vector<From>, To>::fits) take_instances(task, instances);
  }
}
template <class Function, class To, class From, bool is_computed>
auto take(TaskNode& task, const List<From, is_computed>& list) {
  static_assert(
      Input<Function, std::vector<From>, To>::fits,
      "a task takes a whole list, and its parameter is no std::vector of its items (named before: the task's function, the "
      "vector, the parameter's type). Take the vector, or one of each: expand(...)");
  if constexpr (Input<Function, std::vector<From>, To>::fits) take_list(task, list);
}
template <class Function, class To>
auto take(TaskNode&, const Mapped<void>&) {
  static_assert(Input<Function, void, To>::fits,
                "a mapped task that returns nothing is the input of another one (named before)");
}

template <class Function, std::size_t parameters>
struct Kwargs {
  static constexpr bool are_one_parameter = parameters == 1;
};

template <class In>
constexpr bool is_expanded = false;
template <class T, bool is_computed>
constexpr bool is_expanded<Expand<T, is_computed>> = true;

template <class Function, class Out, class... A>
class NeedsInputs;
template <class Function, class To, class Other, class Out, class... A>
auto take(TaskNode&, const NeedsInputs<Other, Out, A...>&) {
  static_assert(Inputs<Other, sizeof...(A), 0>::are_as_many,
                "a task is the input of another one before it got its own inputs (named before: its function, and how many "
                "parameters that has). Give it one for each in a second pair of parentheses: dag.task<f>()(input, ...)");
}

// A task that waits for its inputs.
template <class Function, class Out, class... A>
class NeedsInputs : public TaskRef {
 public:
  using TaskRef::TaskRef;

  // Each input is an Output of another task, a constant, or expand(...) of a list, which maps the task over it.
  template <class... In>
  auto operator()(const In&... inputs) const {
    static_assert(Inputs<Function, sizeof...(A), sizeof...(In)>::are_as_many,
                  "a task gets another number of inputs than its function has parameters (named before: the task's function, "
                  "its parameters without the Context, the inputs). Give one output or constant for each parameter");
    if constexpr (sizeof...(A) == sizeof...(In)) (take<Function, std::remove_cvref_t<A>>(node(), inputs), ...);
    return std::conditional_t<(is_expanded<In> || ...), Mapped<Out>, Output<Out>>(node());
  }

  // An instance for each item of a list of structs, maps or Values, which the function gets as its one parameter (Airflow's
  // expand_kwargs): parameters of C++ have no names by which they could be taken apart.
  template <class L>
  auto expand_kwargs(const L& list) const {
    static_assert(Kwargs<Function, sizeof...(A)>::are_one_parameter,
                  "expand_kwargs() of a function gives it the whole struct or map, and it has another number of parameters "
                  "(named before: the function, its parameters without the Context). Let it take the struct: load(const "
                  "Export&)");
    if constexpr (sizeof...(A) == 1)
      return (*this)(venturi::expand(list));
    else
      return Mapped<Out>(node());
  }
};

// ---- the table of a function ---------------------------------------------------------------------------------------------

template <class Function, bool takes_context, class R, class... A>
struct Task {
  using Returned = std::remove_cvref_t<R>;
  template <class Out>
  using Handle = std::conditional_t<sizeof...(A) == 0, Output<Out>, NeedsInputs<Function, Out, A...>>;

  template <std::size_t... I>
  static void call(const void* target, [[maybe_unused]] Invocation& in, std::index_sequence<I...>) {
    decltype(auto) function = FunctionOf<Function>::get(target);
    if constexpr (std::is_void_v<R>) {
      if constexpr (takes_context)
        function(in.context, in.argument<std::remove_cvref_t<A>>(I)...);
      else
        function(in.argument<std::remove_cvref_t<A>>(I)...);
    } else if constexpr (takes_context) {
      const Returned result = function(in.context, in.argument<std::remove_cvref_t<A>>(I)...);
      in.result(&result, type_of<Returned>());
    } else {
      const Returned result = function(in.argument<std::remove_cvref_t<A>>(I)...);
      in.result(&result, type_of<Returned>());
    }
  }
  static void invoke(const void* target, Invocation& in) { call(target, in, std::index_sequence_for<A...>()); }

  static constexpr const Type* result_type() {
    if constexpr (std::is_void_v<R>)
      return nullptr;
    else
      return &type_of<Returned>();
  }
  static constexpr FunctionTable table{invoke, result_type(), sizeof...(A), FunctionOf<Function>::name};

  static constexpr bool parameters_are_allowed = (Parameter<Function, A>::is_allowed && ...);
};

template <class Function, class R, class... A>
struct TaskOf : Task<Function, false, R, A...> {};
template <class Function, class R, class... A>
struct TaskOf<Function, R, const Context&, A...> : Task<Function, true, R, A...> {};
template <class Function, class R, class... A>
struct TaskOf<Function, R, Context&, A...> : Task<Function, true, R, A...> {};

// ---- what Dag calls ------------------------------------------------------------------------------------------------------

template <class Function, TaskKind kind, class T>
struct Answer {
  static constexpr bool is_allowed =
      kind == TaskKind::plain || (kind == TaskKind::short_circuit && (std::same_as<T, bool> || std::same_as<T, Value>)) ||
      (kind == TaskKind::branch && (std::same_as<T, std::string> || std::same_as<T, std::vector<std::string>> ||
                                    std::same_as<T, std::optional<std::string>>));
};

template <class Function, TaskKind kind, class Task>
constexpr bool check() {
  static_assert(
      Task::parameters_are_allowed,
      "a parameter of a task's function has a type that cannot travel between tasks, or is a reference that is not "
      "const (named before: the task's function and the types). Take bool, integers, floating point, std::string, "
      "venturi::Time, venturi::Value, venturi::RunFile, or std::optional, std::vector, std::map<std::string, ...> of "
      "these, by value or const&; write VENTURI_STRUCT(Name, member, ...) below a struct of your own; a Context comes "
      "first");
  static_assert(
      Result<Function, typename Task::Returned>::is_allowed,
      "the result of a task's function has a type that cannot travel between tasks (named before: the task's function "
      "and the type). Return bool, integers, floating point, std::string, venturi::Time, venturi::Value, "
      "venturi::RunFile, or std::optional, std::vector, std::map<std::string, ...> of these, or nothing; write "
      "VENTURI_STRUCT(Name, member, ...) below a struct of your own");
  static_assert(Answer<Function, kind, typename Task::Returned>::is_allowed,
                "the function of a branch returns the task_id to go on with: a std::string, a std::vector<std::string> of "
                "several, or a std::optional<std::string>; that of a short circuit returns bool, or a Value that counts as in "
                "Python (named before: the function and "
                "the type that it returns)");
  return Task::parameters_are_allowed && Result<Function, typename Task::Returned>::is_allowed &&
         Answer<Function, kind, typename Task::Returned>::is_allowed;
}

// In place of a task that does not compile: one error is enough.
struct Refused {
  template <class... In>
  Refused operator()(const In&...) const {
    return {};
  }
};

template <TaskKind kind, class Function, class F>
auto make_task(GroupNode& group, [[maybe_unused]] F function, std::string_view task_id, const TaskOptions& options) {
  using Task = typename BySignature<TaskOf, Function, F>::Type;
  if constexpr (check<Function, kind, Task>()) {
    using Out = std::conditional_t<kind == TaskKind::branch, void, typename Task::Returned>;
    using Handle = typename Task::template Handle<Out>;
    if constexpr (FunctionOf<Function>::has_state) {
      return Handle(add_function(group, kind, task_id, Task::table, options,
                                 static_cast<const void*>(new F(static_cast<F&&>(function))), destroy<F>));
    } else {
      return Handle(add_function(group, kind, task_id, Task::table, options));
    }
  } else {
    return Refused();
  }
}

}  // namespace venturi::inline sdk::detail
