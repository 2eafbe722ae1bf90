// A picture in the text of a mail: an attachment that the text shows by its name. EmailOperator takes mime_subtype too.
#include <venturi/dag.h>
#include <venturi/hooks/smtp.h>

#include <filesystem>
#include <fstream>
using namespace venturi;

void mail_chart(const Context& context) {
  std::filesystem::create_directories(context.run_dir());
  const std::string chart = context.run_dir() + "/chart.svg";
  std::ofstream(chart) << R"(<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60">)"
                       << R"(<rect y="20" width="50" height="40"/><rect x="60" width="50" height="60"/></svg>)";
  SmtpHook(context, "cookbook_smtp")
      .send_email_smtp({.to = {"boss@example.com"},
                        .subject = "Orders of the week",
                        .html_content = "<p>Orders by day:</p><img src=\"cid:chart.svg\">",
                        .files = {chart},
                        .mime_subtype = "related"});
}

VENTURI_DAG(email_image) { dag.task<mail_chart>(); }
