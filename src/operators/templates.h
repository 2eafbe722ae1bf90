// Renders the templated arguments of an operator, with Airflow's context. As in Airflow, what another task gave is data and no
// template: XComs are resolved after this.
//
//   TemplatedArguments templates(entry.arguments, entry.template_ext, op, details, arguments);
//   while (auto wanted = templates.render()) templates.answer(*wanted, <fetch it>);   // connection, variable, XCom, file
//   arguments.resolve(...);   // XComs
//   templates.rendered() is what SetRenderedFields tells
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operators/arguments.h"
#include "operators/task_messages.h"
#include "operators/template_files.h"
#include "operators/try_log.h"
#include "template/airflow_context.h"
#include "venturi/value.h"

namespace venturi::operators {

// A copy of what templates need of StartupDetails; nothing where the operator has none (the server sees that, and sends
// "_template_context" with the operator only then).
struct TemplateDetails {
  static std::optional<TemplateDetails> of(const Value& details, const Value& op);
  Value ti, ti_context, start_date, exception, reason;  // the last two of callbacks
  Value own = Object();                                 // what the task put into its context
};

class TemplatedArguments {
 public:
  // A text that ends with one of `extensions` is the name of a file with the template. `arguments` is changed; all outlive
  // this.
  TemplatedArguments(const std::vector<Argument>& declared, const std::vector<std::string_view>& extensions, const Value& op,
                     const TemplateDetails& details, Arguments& arguments);

  // Nothing when all is rendered; else what has to be fetched first: the requests of template/airflow_context.h and of
  // template_files.h. Throws TaskFailed for an error of a template, TaskFailedForGood where the next try would have the same
  // one.
  [[nodiscard]] std::optional<Value> render();
  void answer(const Value& request, std::optional<Value> value);

  // The name of a mapped task's instance, by its map_index_template: as render(), once all arguments have their values. Empty
  // where there is no template. What the template shows of `task` are those values.
  [[nodiscard]] std::optional<Value> render_map_index(std::string& name);

  // What the templated arguments hold now, as JSON: with the XComs, where those were resolved.
  [[nodiscard]] Object rendered() const;

 private:
  // Where a template comes from: which argument, and whether that may name files.
  struct Place {
    std::string argument;
    bool may_name_files = false;
  };
  [[nodiscard]] std::optional<Value> render(const Place& place, const Value& value, Value& to) const;
  // The file's template, where `text` names one: else the text itself.
  [[nodiscard]] templates::Template template_of(const Place& place, const std::string& text) const;
  [[nodiscard]] std::string_view extension_of(const Place& place, std::string_view text) const;

  std::vector<Place> places_;
  const std::vector<std::string_view>& extensions_;
  Arguments& arguments_;
  templates::AirflowFacts facts_;
  templates::FetchedLookups lookups_;
  std::shared_ptr<TemplateFiles> files_;
  std::shared_ptr<const templates::Environment> environment_;
};

// SetRenderedMapIndex, without secrets.
[[nodiscard]] Value rendered_map_index(const TryLog& log, std::string_view name);
// SetRenderedFields, without secrets.
[[nodiscard]] Value rendered_fields(const TryLog& log, const Object& rendered);
// A connection as templates see it.
[[nodiscard]] Value connection_for_templates(const Connection& connection);
// The message that fetches an XCom, and what its answer says.
[[nodiscard]] Value message_for(const Value& xcom_request);
[[nodiscard]] std::optional<Value> read_answer(const Value& answer);
// Of a template's question. Throws TaskFailed where it was refused.
[[nodiscard]] Value read_question_answer(Value answer);

}  // namespace venturi::operators
