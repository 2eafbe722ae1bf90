// A task that asks a web service itself, writes what it got as JSON lines, and mails the number.
#include <venturi/dag.h>
#include <venturi/hooks/http.h>
#include <venturi/hooks/smtp.h>
#include <venturi/rows.h>

using namespace venturi;

std::int64_t fetch(const Context& context) {
  const HttpHook api(context, "cookbook_http");
  // Busy servers are asked again, after 0.1 s, 0.2 s, ...; other errors fail with the beginning of the answer.
  const HttpOptions patient{.retry_args = Object{{"attempts", 5}, {"wait", 0.1}}};
  if (api.get("/health", patient).json().get_string("status") != "ok") fail_task("the service is not well");

  // A file in the run's folder; it is there, as a whole, when finish() returns.
  context.log().info(context.render("orders of {{ run_id }}, params {{ params }}"));
  JsonLinesWriter<Value> file(context.run_dir() + "/orders.jsonl");
  file.write(api.get("/orders", {.params = Object{{"page", 1}}, .retry_args = patient.retry_args}).json());
  return file.finish();
}

void tell(const Context& context, std::int64_t pages) {
  SmtpHook(context, "cookbook_smtp")
      .send_email_smtp({.to = {"team@example.com"},
                        .subject = "Orders",
                        .html_content = "<p>" + std::to_string(pages) + " pages</p>",
                        .from_email = "venturi@example.com"});
}

VENTURI_DAG(http_hook, {.schedule = "@daily", .start_date = "2026-01-01"}) { dag.task<tell>()(dag.task<fetch>()); }
