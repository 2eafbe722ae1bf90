// A notifier of one's own, beside built-in ones. Fields of both kinds are templates, rendered when something has
// happened.
#include <venturi/dag.h>
#include <venturi/own_notifier.h>

using namespace venturi;

struct WriteNote {
  std::string channel = "data";
  std::string text = "{{ ti.task_id }} of {{ dag.dag_id }} ended in try {{ ti.try_number }}";

  // What it throws is in the task's log, and changes nothing.
  void notify(const CallbackContext& context) const {
    context.log().info("to #", channel, ": ", text, " (", context.event(), ")");
  }
};
VENTURI_STRUCT(WriteNote, channel, text);
VENTURI_TEMPLATE_FIELDS(WriteNote, text);

void load() {}

VENTURI_DAG(own_notifier) {
  dag.task<load>(
      {.retries = 1,
       // Of a failure Airflow's templates have the exception: {{ exception }}.
       .on_failure_callback = {WriteNote{.channel = "alarm", .text = "{{ ti.task_id }}: {{ exception }}"},
                               SmtpNotifier{.to = {"ops@example.com"},
                                            .subject = "{{ dag.dag_id }}.{{ ti.task_id }} failed in {{ run_id }}",
                                            .text_content = "{{ exception }}",
                                            .smtp_conn_id = "cookbook_smtp"}},
       .on_success_callback = WriteNote{}});
}
