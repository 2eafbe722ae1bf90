// Mails about failures. A notifier is data: Venturi sends it, also when the program crashed or its process was killed.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
void load() { throw std::runtime_error("the shop does not answer"); }

VENTURI_DAG(notifiers, {.on_failure_callback = SmtpNotifier{.to = {"ops@example.com"},
                                                            .subject = "The orders did not come in",
                                                            .smtp_conn_id = "cookbook_smtp"}}) {
  // email_to("ops@example.com") is the same over the connection smtp_default. Without subject and text the mail says
  // DAG, run, task, try, error and where the log lies.
  dag.task<load>({.on_failure_callback = {[](const CallbackContext& context) { context.log().error("no orders"); },
                                          SmtpNotifier{.to = {"boss@example.com"}, .smtp_conn_id = "cookbook_smtp"}}});
}
// [end]
//
//   venturi dags test notifiers
//   failed; failed: load
