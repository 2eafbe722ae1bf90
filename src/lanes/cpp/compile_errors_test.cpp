#include "lanes/cpp/compile_errors.h"

#include <gtest/gtest.h>

namespace venturi::lanes {
namespace {

TEST(CompileErrors, BeginWithTheFirstErrorAndShortenPaths) {
  EXPECT_EQ(useful_compiler_lines("In file included from /home/u/dags/a.cpp:1:\n"
                                  "/home/u/dags/b.h:3:1: warning: unused\n"
                                  "/home/u/dags/a.cpp:7:3: error: no 'x'\n"
                                  "    7 |   x();\n"
                                  "      |   ^\n"
                                  "\n"
                                  "/opt/sdk/include/venturi/dag.h:9:1: note: here\n",
                                  "/home/u/dags", "/opt/sdk/include"),
            "a.cpp:7:3: error: no 'x'\n    7 |   x();\n      |   ^\nventuri/dag.h:9:1: note: here");
}

TEST(CompileErrors, ShowLinkerErrors) {
  EXPECT_EQ(useful_compiler_lines("/usr/bin/ld: /tmp/a.o: in function `main':\n"
                                  "a.cpp:(.text+0x5): undefined reference to `f()'\n"
                                  "collect2: error: ld returned 1 exit status\n",
                                  "/d", "/i"),
            "a.cpp:(.text+0x5): undefined reference to `f()'\ncollect2: error: ld returned 1 exit status");
}

TEST(CompileErrors, KeepEverythingWhereNothingLooksLikeAnError) {
  EXPECT_EQ(useful_compiler_lines("what is this\n", "/d", ""), "what is this");
}

TEST(CompileErrors, LeaveOutWhatMakeAndCMakeSayOfThemselves) {
  EXPECT_EQ(
      useful_compiler_lines("-- The CXX compiler identification is Clang 19\nCMake Error at CMakeLists.txt:4 (f):\n  Unknown "
                            "CMake command \"f\".\n\n\n-- Configuring incomplete, errors occurred!\nSee also \"/b/x.log\".\n",
                            "/d", "/i"),
      "CMake Error at CMakeLists.txt:4 (f):\n  Unknown CMake command \"f\".");
  EXPECT_EQ(useful_compiler_lines("[ 50%] Building\n/d/s/a.cpp:1:2: error: no 'x'\nmake[2]: *** [build.make:76: a.o] Error 1\n"
                                  "make: *** [Makefile:84: all] Error 2\n",
                                  "/d", "/i"),
            "s/a.cpp:1:2: error: no 'x'");
}

// Of both compilers: which line of the file it was, and types as people write them.
TEST(CompileErrors, OfHeadersOfTheSdkBeginWithTheLineOfTheFile) {
  EXPECT_EQ(useful_compiler_lines("/i/venturi/f.h:128:17: error: static assertion failed due to requirement "
                                  "'Input<venturi::detail::Named<&twice>, std::basic_string<char, std::char_traits<char>, "
                                  "std::allocator<char>>>::fits': no\n"
                                  "  128 |   static_assert(\n"
                                  "/i/venturi/f.h:206:51: note: in instantiation of function 'x' requested here\n"
                                  "/d/a.cpp:8:43: note: in instantiation of function 'y' requested here\n"
                                  "    8 | VENTURI_DAG(a) {}\n",
                                  "/d", "/i"),
            "a.cpp:8:43: error, as told of a header of the SDK:\n    8 | VENTURI_DAG(a) {}\n"
            "venturi/f.h:128:17: error: static assertion failed: 'Input<Named<&twice>, std::string>::fits': no\n"
            "  128 |   static_assert(\n"
            "venturi/f.h:206:51: note: in instantiation of function 'x' requested here\n"
            "a.cpp:8:43: note: in instantiation of function 'y' requested here\n    8 | VENTURI_DAG(a) {}");
  EXPECT_EQ(useful_compiler_lines(
                "/i/venturi/f.h: In instantiation of 'x':\n"
                "/d/a.cpp:8:43:   required from here\n"
                "/i/venturi/f.h:128:44: error: static assertion failed: no\n"
                "  128 |   static_assert(\n"
                "/i/venturi/f.h:128:44: note: 'Input<std::__cxx11::basic_string<char> >::fits' evaluates to false\n",
                "/d", "/i"),
            "a.cpp:8:43: error, as told of a header of the SDK:\n"
            "venturi/f.h:128:44: error: static assertion failed: no\n  128 |   static_assert(\n"
            "venturi/f.h:128:44: note: 'Input<std::string >::fits' evaluates to false");
}

TEST(CompileErrors, AreBounded) {
  std::string output;
  for (int i = 0; i < 1000; ++i) output += "a.cpp:1:1: error: " + std::string(1000, 'x') + "\n";
  const std::string text = useful_compiler_lines(output, "/d", "");
  EXPECT_LT(text.size(), 30000U);
  EXPECT_NE(text.find("[960 more lines]"), std::string::npos) << text.substr(text.size() - 200);
}

}  // namespace
}  // namespace venturi::lanes
