// Operators of one's own: a struct with fields and execute(). Not part of venturi/dag.h: include it beside that.
//
//   struct ArchiveOrders {
//     std::string table;                 // rendered: see VENTURI_TEMPLATE_FIELDS
//     Field<std::int64_t> days = 30;     // a constant or the output of a task; its value is *days
//     std::int64_t execute(const Context& context) const { ... }
//   };
//   VENTURI_STRUCT(ArchiveOrders, table, days);
//   VENTURI_TEMPLATE_FIELDS(ArchiveOrders, table);
//
//   auto archived = dag.add("archive", ArchiveOrders{.table = "orders_{{ ds_nodash }}", .days = dag.task<keep>()}, {.retries =
//   2});
//
// It runs in a process of its own like any function, on a copy of the struct: what execute() changes in it is gone after the
// try. What execute() returns is the XCom, and gives the type of dag.add's Output.
//
// One that deferred itself (venturi/deferral.h) goes on in `execute_complete(const Context&, const Value& event)`, which
// returns what execute() does, or in execute() where it has none.
//
// With a member `void on_kill()` it is told before its process is ended (by a user, the run's end, or its execution_timeout):
// on another thread, while execute() still runs, with what execute() has put into its members by then. It has five seconds.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "venturi/own_fields.h"
#include "venturi/task_function.h"
#include "venturi/task_group.h"
#include "venturi/task_options.h"

namespace venturi::inline sdk::detail {

template <class Op>
concept HasExecute = requires(Op& op, const Context& context) { op.execute(context); };
template <class Op>
concept HasExecuteComplete =
    requires(Op& op, const Context& context, const Value& event) { op.execute_complete(context, event); };
template <class Op>
concept HasOnKill = requires(Op& op) { op.on_kill(); };
template <class Op>
concept HasTaskId = requires(const Op& op) { std::string_view(op.task_id); };

// Calls on_kill() when the process shall end.
class KillWatch {
 public:
  KillWatch(void (*on_kill)(void* op), void* op);
  ~KillWatch();
  KillWatch(const KillWatch&) = delete;
  KillWatch& operator=(const KillWatch&) = delete;

 private:
  struct State;
  State* state_;
};
template <class Op>
void call_on_kill(void* op) {
  static_cast<Op*>(op)->on_kill();
}

struct OwnOperatorTable {
  FunctionTable function;
  OwnFields fields;
  bool has_on_kill = false;
};
[[nodiscard]] TaskNode& add_own_operator(GroupNode& group, std::string_view task_id, const OwnOperatorTable& table,
                                         const TaskOptions& options, const void* op, void (*destroy)(const void* op));

template <class Op>
struct OwnOperator {
  static constexpr bool has_execute = HasExecute<Op>;
};

template <class Op>
struct OwnOperatorOf {
  using Returned = std::remove_cvref_t<decltype(std::declval<Op&>().execute(std::declval<const Context&>()))>;

  static Returned execute(Op& op, const Context& context) {
    if constexpr (HasExecuteComplete<Op>) {
      if (const Resumption* resumed = context.resumed()) return op.execute_complete(context, resumed->event);
    }
    return op.execute(context);
  }
  static void run(Op& op, Invocation& call) {
    if constexpr (std::is_void_v<Returned>) {
      execute(op, call.context);
    } else {
      const Returned result = execute(op, call.context);
      call.result(&result, type_of<Returned>());
    }
  }
  static void invoke(const void* target, Invocation& call) {
    Op op(*static_cast<const Op*>(target));
    call.fill(&op, table.fields);
    if constexpr (HasOnKill<Op>) {
      const KillWatch watch(call_on_kill<Op>, &op);
      run(op, call);
    } else {
      run(op, call);
    }
  }
  static constexpr const Type* result_type() {
    if constexpr (std::is_void_v<Returned>)
      return nullptr;
    else
      return &type_of<Returned>();
  }
  static constexpr OwnOperatorTable table{{invoke, result_type(), 0, {}}, own_fields<Op>(), HasOnKill<Op>};
};

template <class Op>
constexpr bool check_operator() {
  static_assert(OwnOperator<Op>::has_execute,
                "an operator of your own (named before) needs a member execute(const Context&), which may return a value; what "
                "has poke(const Context&) is given to dag.sensor(), and a built-in operator needs its header");
  if constexpr (OwnOperator<Op>::has_execute) {
    static_assert(
        Result<Op, typename OwnOperatorOf<Op>::Returned>::is_allowed,
        "what execute() of an operator returns has a type that cannot travel between tasks (named before: the operator "
        "and the type): return what type.h lists, or nothing; write VENTURI_STRUCT(Name, member, ...) below a struct "
        "of your own");
    return check_fields<Op>() && Result<Op, typename OwnOperatorOf<Op>::Returned>::is_allowed;
  } else {
    return false;
  }
}

template <class Op>
  requires std::is_class_v<Op>
struct AddOwn<Op> {
  static auto add(GroupNode& group, std::string_view task_id, const Op& op, const TaskOptions& options) {
    if constexpr (check_operator<Op>()) {
      using Of = OwnOperatorOf<Op>;
      if constexpr (HasTaskId<Op>) {
        if (task_id.empty()) task_id = op.task_id;
      }
      return Output<typename Of::Returned>(add_own_operator(group, task_id, Of::table, options, new Op(op), destroy<Op>));
    } else {
      return Refused();
    }
  }
};

}  // namespace venturi::inline sdk::detail
