// What a task asks of its worker's operator host, beside Airflow's messages (docs/architecture/task-host.md). Part of the SDK.
//
//   task ─▶ HostCall{hook, method, conn_id, arguments} ─▶ the body that the method gives, or an ErrorResponse
//
// StartupDetails and DagFileParseRequest of a worker that takes such calls have "host_calls": the version of them; a stock
// Airflow's have none. Version 2 has `template_ext` of the hook render.
#pragma once

namespace venturi::task {

inline constexpr int host_calls_version = 2;
inline constexpr const char* host_calls_member = "host_calls";

}  // namespace venturi::task
