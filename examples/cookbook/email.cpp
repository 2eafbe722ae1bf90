// A mail as a task. Subject and text may come from other tasks, or be templates.
#include <venturi/dag.h>
using namespace venturi;

struct Report {
  std::string subject, text;
};
VENTURI_STRUCT(Report, subject, text);

Report write() { return {.subject = "17 orders", .text = "All is well."}; }

VENTURI_DAG(email) {
  // [mail]
  auto report = dag.task<write>();
  dag.add(EmailOperator{.task_id = "send",
                        .to = {"ops@example.com", "boss@example.com"},
                        .subject = report.get(&Report::subject),
                        .text_content = report.get(&Report::text),
                        .html_content = "<p>Run {{ run_id }} of {{ dag.dag_id }}</p>",
                        .conn_id = "cookbook_smtp"});
  // [end]
}
