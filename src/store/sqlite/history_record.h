// How the transitions of one run in one batch are packed into one text: a JSON array with, for each transition in order,
//   [task instance's number, "from", "to", try number, "cause"]     of a task instance
//   [0, "to", "cause"]                                              of the run itself
// It is text so that it can be read with sqlite3 alone:
//   SELECT t.value FROM history, json_each(transitions) t WHERE run_no = 7;
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/records.h"

namespace venturi::store {

void append_transition(std::string& record, const Transition& transition);  // to "" or to what it made before
void close_record(std::string& record);
// The error says what does not fit, without saying where it comes from.
[[nodiscard]] Result<std::vector<Transition>> read_record(std::string_view record);

}  // namespace venturi::store
