#include "store/sqlite/history_record.h"

#include <charconv>

#include "base/json.h"
#include "venturi/value.h"

namespace venturi::store {

namespace {

void append_number(std::string& out, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_word(std::string& out, std::string_view word) {
  out.append(",\"").append(word).append("\"");
}

std::unexpected<Error> unreadable(const std::string& what) {
  return fail(ErrorKind::corrupt, "a record of transitions is unreadable: " + what);
}

template <class T>
T known(const std::optional<T>& word, const Value& text) {
  if (!word) throw ValueError("unknown state '" + text.as_string() + "'");
  return *word;
}

Transition read_transition(const Array& item) {
  Transition t;
  t.task_instance = item.at(0).as_int();
  if (t.task_instance == 0) {
    t.run_to = known(parse_run_state(item.at(1).as_string()), item.at(1));
    t.cause = item.at(2).as_string();
    return t;
  }
  t.from = known(parse_task_state(item.at(1).as_string()), item.at(1));
  t.to = known(parse_task_state(item.at(2).as_string()), item.at(2));
  t.try_number = static_cast<std::int32_t>(item.at(3).as_int());
  t.cause = item.at(4).as_string();
  return t;
}

}  // namespace

void append_transition(std::string& record, const Transition& transition) {
  record += record.empty() ? "[[" : ",[";
  append_number(record, transition.task_instance);
  if (transition.task_instance == 0) {
    append_word(record, to_string(transition.run_to));
  } else {
    append_word(record, to_string(transition.from));
    append_word(record, to_string(transition.to));
    record += ',';
    append_number(record, transition.try_number);
  }
  record += ',';
  append_json_string(record, transition.cause);
  record += ']';
}

void close_record(std::string& record) {
  record += ']';
}

Result<std::vector<Transition>> read_record(std::string_view record) {
  const auto parsed = parse_json(record);
  if (!parsed) return unreadable(parsed.error().text());
  try {
    std::vector<Transition> transitions;
    for (const Value& item : parsed->as_array()) transitions.push_back(read_transition(item.as_array()));
    return transitions;
  } catch (const ValueError& e) {
    return unreadable(e.what());
  } catch (const std::out_of_range&) {
    return unreadable("a transition has too few members");
  }
}

}  // namespace venturi::store
