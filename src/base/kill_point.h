// Named places at which a crash test ends a process with SIGKILL. Outside of tests a call costs one branch.
//
//   VENTURI_KILL_POINT=name:N  kills the process at its N-th passage of `name` ("name" alone: at the first)
//   VENTURI_KILL_LOG=file      gets a line with the name before that, so that a test can count hits. Where the file holds the
//                              name already nothing happens: a process that is started again survives the place.
#pragma once

namespace venturi {

void kill_point(const char* name);

}  // namespace venturi
