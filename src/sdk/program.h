// What a DAG program does, told by how it was started:
//
//   fd 0 is a socket, no arguments     the first frame decides: DagFileParseRequest without callbacks: describe the DAGs;
//                                      with callbacks: run their functions; AnswerQuestions: what its own classes say;
//                                      StartupDetails: run that try
//   --venturi-warm                     make a process for each ForkTask that comes on fd 0; each then reads its first frame
//   --venturi-light=THREADS            run the tries that come as StartLight on fd 0, on threads (light.h)
//   --comm=HOST:PORT --logs=HOST:PORT  Airflow's coordinator protocol: frames and log lines over TCP
//   else                               tell whoever runs it by hand what it is
//
// Linked into every DAG program, which has to stay small: a fork costs what the process has mapped.
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "sdk/comms.h"
#include "sdk/dag_node.h"
#include "sdk/log_sink.h"

namespace venturi::inline sdk::internal {

inline constexpr const char* warm_argument = "--venturi-warm";
inline constexpr const char* light_argument = "--venturi-light=";

[[nodiscard]] int program_main(int argc, char** argv);

// Reads the first frame from `requests` and does what it asks for. `log` may be none: it is asked for then.
[[nodiscard]] int serve_request(const DagBag& dags, Fd requests, Fd log);

// Airflow's DagFileParsingResult for a DagFileParseRequest.
[[nodiscard]] Value describe(const DagBag& dags, const Value& request);

// QuestionsResult for AnswerQuestions: an answer to each question, or {"error"}.
[[nodiscard]] Value answer_questions(const DagBag& dags, const Value& request);

// The functions of the callback_requests of a DagFileParseRequest; the process's exit code.
[[nodiscard]] int run_callback_requests(const DagBag& dags, Comms& comms, detail::LogSink& log, const Value& request);

// --venturi-warm. Returns when the control socket on fd 0 is closed.
[[nodiscard]] int serve_warm(const DagBag& dags);

// --comm and --logs.
[[nodiscard]] int serve_coordinator(const DagBag& dags, const std::string& comm, const std::string& logs);

// What the program is, for people. Exit code 1 where its DAGs have mistakes.
[[nodiscard]] int tell_about(const DagBag& dags, const char* name);

// All mistakes, each with its DAG, one a line.
[[nodiscard]] std::vector<std::string> all_mistakes(const DagBag& dags);

}  // namespace venturi::inline sdk::internal
