// Branches of operators in the host. As in a DAG program's (sdk/task_choice.cpp): the chosen tasks directly below go on; of the
// others directly below those are skipped to which no chosen one leads.
#pragma once

#include <string>
#include <vector>

namespace venturi::operators {

class OperatorTry;

// Sends the choice (XCom "skipmixin_key", so that tasks that are cleared later follow it) and what is skipped; both are
// committed with the try's success, which follows. None may be chosen. Throws TaskFailedForGood where a chosen one is not
// directly below.
void branch_into(OperatorTry& t, const std::vector<std::string>& chosen);

}  // namespace venturi::operators
