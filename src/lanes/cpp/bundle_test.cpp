// Folders with a venturi.toml, with the real compilers.
#include "lanes/testing/processor_fixture.h"

namespace venturi::lanes {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class BundleTest : public ProcessorTest, public testing::WithParamInterface<const char*> {
 protected:
  BundleTest() { options.cpp.compile.compiler = GetParam(); }
  void put(const std::string& relative, const std::string& text) const { write_text(in_dags(relative), text); }
  // A program of two sources; the name of its DAG stands in a header.
  void put_shop(const std::string& dag_id) const {
    put("shop/include/name.h", "#pragma once\nconst char* name();\n#define NAME \"" + dag_id + "\"\n");
    put("shop/name.cpp", "#include \"name.h\"\nconst char* name() { return NAME; }\n");
    put("shop/main.cpp",
        "#include <venturi/fake_sdk.h>\n#include \"name.h\"\nint main() { return venturi::fake::describe({{name()}}); }\n");
    put("shop/venturi.toml", "include = [\"include\"]\n");
  }
  void count_compilations() {
    const std::string wrapper = folder.path + "/bin/" + GetParam(), real = std::string("/usr/bin/") + GetParam();
    write_text(wrapper, "#!/bin/sh\ncase \"$*\" in *\" -c \"*) echo called >> " + folder.path + "/called;; esac\nexec " + real +
                            " \"$@\"\n");
    ::chmod(wrapper.c_str(), 0755);
    options.cpp.compile.compiler = wrapper;
  }
  [[nodiscard]] int compilations() const {
    std::ifstream file(folder.path + "/called");
    int lines = 0;
    for (std::string line; std::getline(file, line);) ++lines;
    return lines;
  }
};

TEST_P(BundleTest, IsOneProgramAndBuiltAgainWhenAnyOfItChanges) {
  count_compilations();
  put_shop("first");
  run_for(std::chrono::milliseconds(50));
  start_and_scan();
  ASSERT_THAT(errors, IsEmpty());
  ASSERT_TRUE(dags.contains("first"));
  EXPECT_EQ(dags["first"]->relative_fileloc, "shop/venturi.toml");
  EXPECT_TRUE(dags["first"]->program.ends_with("/shop")) << dags["first"]->program;
  EXPECT_EQ(compilations(), 2);

  // Unchanged it costs nothing.
  forget_told();
  start_and_scan();
  EXPECT_TRUE(dags.contains("first"));
  EXPECT_EQ(compilations(), 2);

  // One source: the other's object is kept.
  put("shop/name.cpp", "#include \"name.h\"\nconst char* name() { return \"second\"; }\n");
  wait_for_dag("second");
  EXPECT_EQ(compilations(), 3);
  // A header of both.
  put("shop/include/name.h", "#pragma once\nconst char* name();\n#define NAME \"x\"\n");
  run_until([&] { return compilations() == 5; }, "both were compiled");
  // A new source, and a flag.
  put("shop/name.cpp", "const char* name() { return NAME; }\n");
  wait_for_error("shop/venturi.toml");
  EXPECT_THAT(errors["shop/venturi.toml"], HasSubstr("shop/name.cpp:1:"));
  put("shop/venturi.toml", "include = [\"include\"]\nflags = ['-DNAME=\"third\"']\nsources = [\"main.cpp\", \"name.cpp\"]\n");
  wait_for_dag("third");
  run_until([&] { return errors.empty(); }, "the error was gone");
}

TEST_P(BundleTest, FilesOfItsFolderAreNothingByThemselves) {
  put("shop/one.cpp", "#include <venturi/fake_sdk.h>\nint main() { return venturi::fake::describe({{\"one\"}}); }\n");
  put("shop/sub/two.cpp", "#include <venturi/fake_sdk.h>\nint main() { return venturi::fake::describe({{\"two\"}}); }\n");
  put_program("shop/build/three", "dag=three");
  start_and_scan();
  EXPECT_EQ(processor->dag_ids(), (std::vector<std::string>{"one", "three", "two"}));
  put("shop/venturi.toml", "");
  run_until([&] { return !dags.contains("two") && !dags.contains("three"); }, "it was one program");
  run_until([&] { return dags.contains("one") && dags["one"]->relative_fileloc == "shop/venturi.toml"; }, "it had the DAG");
  // And back.
  std::filesystem::remove(in_dags("shop/venturi.toml"));
  wait_for_dag("two");
  wait_for_dag("three");
  run_until([&] { return dags.contains("one") && dags["one"]->relative_fileloc == "shop/one.cpp"; }, "they were files again");
  EXPECT_THAT(errors, IsEmpty());
}

TEST_P(BundleTest, ErrorsAreThoseOfItsFileAndTheLastGoodProgramServesOn) {
  put_shop("shop");
  start_and_scan();
  ASSERT_TRUE(dags.contains("shop"));
  const auto error_of = [&](const std::string& toml, const std::string& part) {
    put("shop/venturi.toml", toml);
    run_until(
        [&] { return errors.contains("shop/venturi.toml") && errors["shop/venturi.toml"].find(part) != std::string::npos; },
        "the error told: " + part);
    return errors["shop/venturi.toml"];
  };
  EXPECT_EQ(
      error_of("sources = [\"*.cc\"]\n", "sources"),
      "shop/venturi.toml:1: no file in shop is one of its sources (sources = [\"*.cpp\"], the default, are those directly "
      "in the folder; \"**/*.cpp\" are all)");
  EXPECT_EQ(error_of("\ninclude = [\"inc\"]\n", "inc"), "shop/venturi.toml:2: include: there is no folder inc in shop");
  EXPECT_EQ(error_of("include = [\"include\"]\npkg_config = [\"no-such-module\"]\n", "module"),
            "shop/venturi.toml:2: a module is not installed, or has another name; install its -dev package (pkg-config):\n"
            "Package no-such-module was not found in the pkg-config search path.\n"
            "Perhaps you should add the directory containing `no-such-module.pc'\n"
            "to the PKG_CONFIG_PATH environment variable\n"
            "Package 'no-such-module', required by 'virtual:world', not found");
  EXPECT_THAT(error_of("include = [\"include\"]\nlibraries = [\"no_such_library\"]\n", "no_such_library"),
              testing::AllOf(HasSubstr("its sources compile, but do not go together"), Not(HasSubstr(folder.path))));
  put("shop/more.cpp", "int broken = no_such_thing;\n");
  const std::string broken = error_of("include = [\"include\"]\n", "no_such_thing");
  EXPECT_THAT(broken, HasSubstr("it does not compile"));
  EXPECT_THAT(broken, HasSubstr("shop/more.cpp:1:14"));
  put("shop/another.cpp", "#error here too\n");
  run_until([&] { return errors["shop/venturi.toml"].find("Also in error: more.cpp") != std::string::npos; }, "both were told");
  EXPECT_TRUE(dags.contains("shop"));
  std::filesystem::remove(in_dags("shop/more.cpp"));
  std::filesystem::remove(in_dags("shop/another.cpp"));
  run_until([&] { return errors.empty(); }, "it was good again");
}

TEST_P(BundleTest, LibrariesStandardsAndFlagsReachTheCompiler) {
  put("zip/main.cpp",
      "#include <venturi/fake_sdk.h>\n#include <zlib.h>\n#include <string>\n#if __cplusplus <= 202002L\n#error old\n#endif\n"
      "int main() { return venturi::fake::describe({{std::string(\"z\") + zlibVersion()[0] + DIGIT}}); }\n");
  for (const char* how : {"libraries = [\"z\"]", "pkg_config = [\"zlib\"]", "pkg_config = [\"zlib\"]\nstatic = false"}) {
    put("zip/venturi.toml", std::string("standard = 23\nflags = [\"-DDIGIT='7'\"]\n") + how + "\n");
    forget_told();
    start_and_scan();
    EXPECT_THAT(errors, IsEmpty()) << how;
    EXPECT_TRUE(dags.contains("z17")) << how;
  }
}

TEST_P(BundleTest, TheDagsFolderItselfIsNone) {
  put("venturi.toml", "");
  start_and_scan();
  EXPECT_EQ(
      errors["venturi.toml"],
      "venturi.toml: it makes its folder one program, and the DAGs folder itself cannot be one (move it with its sources into "
      "a folder of their own)");
}

TEST_P(BundleTest, ObjectsGoWithTheirFolder) {
  put_shop("shop");
  start_and_scan();
  const auto objects = [&] {
    return std::distance(std::filesystem::directory_iterator(options.cache + "/objects"),
                         std::filesystem::directory_iterator());
  };
  processor->keep_only({});
  EXPECT_EQ(objects(), 1);
  std::filesystem::remove_all(in_dags("shop"));
  run_until([&] { return dags.empty(); }, "it was gone");
  processor->keep_only({});
  EXPECT_EQ(objects(), 0);
}

INSTANTIATE_TEST_SUITE_P(Compilers, BundleTest, testing::Values("clang++-19", "g++"),
                         [](const auto& compiler) { return compiler.param[0] == 'g' ? "gcc" : "clang"; });

}  // namespace
}  // namespace venturi::lanes
