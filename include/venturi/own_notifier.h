// Notifiers of one's own: a struct with fields and notify(), for the callbacks of tasks and DAGs. Not part of venturi/dag.h:
// include it beside that.
//
//   struct PageOnCall {
//     std::string team = "data", text = "{{ ti.task_id }} of {{ dag.dag_id }} failed";
//     void notify(const CallbackContext& context) const { page(team, text + ": " + context.error()); }
//   };
//   VENTURI_STRUCT(PageOnCall, team, text);
//   VENTURI_TEMPLATE_FIELDS(PageOnCall, text);
//
//   .on_failure_callback = {PageOnCall{.team = "orders"}, email_to("ops@example.com")}
//
// It runs where a callback function does, and its fields are rendered there in the context of the task that it is about. What
// it throws is in the task's log, and stops nothing.
#pragma once

#include "venturi/callback.h"
#include "venturi/context.h"
#include "venturi/own_fields.h"

namespace venturi::inline sdk::detail {

void fill_notifier(void* notifier, const OwnFields& fields, const CallbackContext& context);

template <class N>
  requires HasNotify<N>
struct OwnNotifier<N> {
  static constexpr OwnFields fields = own_fields<N>();

  static void invoke(const void* target, const CallbackContext& context) {
    if constexpr (check_fields<N>()) {
      N notifier(*static_cast<const N*>(target));
      fill_notifier(&notifier, fields, context);
      notifier.notify(context);
    }
  }
};

}  // namespace venturi::inline sdk::detail
