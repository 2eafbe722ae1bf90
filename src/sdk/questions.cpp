// What only the program's own classes can answer: their questions come together, and go back together.
#include "sdk/caught.h"
#include "sdk/own_partition_mapper.h"
#include "sdk/own_timetable.h"
#include "sdk/own_weight.h"
#include "sdk/program.h"

namespace venturi::inline sdk::internal {
namespace {

Object answer(const DagBag& dags, const Value& question) {
  const std::string dag_id = question.get_string("dag_id");
  const detail::DagNode* dag = dags.state().find(dag_id);
  if (dag == nullptr) return {{"error", "the program declares no DAG " + dag_id}};
  try {
    const std::string about = question.get_string("about");
    if (about == "get_weight") return ask_weights(*dag, question);
    return about == "to_downstream" ? ask_partition_mapper(*dag, question) : ask_timetable(*dag, question);
  } catch (...) {
    const Caught caught = current_exception_text();
    return {{"error", caught.type + ": " + caught.text}, {"thrown", true}};
  }
}

}  // namespace

Value answer_questions(const DagBag& dags, const Value& request) {
  Array answers;
  for (const Value& question : request.at("questions").as_array()) answers.emplace_back(answer(dags, question));
  return Object{{"type", "QuestionsResult"}, {"answers", std::move(answers)}};
}

}  // namespace venturi::inline sdk::internal
