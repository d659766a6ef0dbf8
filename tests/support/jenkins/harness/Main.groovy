import groovy.json.JsonOutput
import groovy.json.JsonSlurperClassic
import hudson.AbortException
import org.codehaus.groovy.control.CompilerConfiguration
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

import java.util.concurrent.Callable
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** Main SCENARIOS ANSWERS: runs every build of a JSON file, several at once, and writes what became of each. */
class Main {

    static void main(String[] paths) {
        List<Map> scenarios = new JsonSlurperClassic().parse(new File(paths[0]), 'UTF-8') as List<Map>
        ExecutorService pool = Executors.newFixedThreadPool(3)
        List answers = scenarios.collect { Map one -> pool.submit({ run(one) } as Callable) }*.get()
        pool.shutdown()
        new File(paths[1]).write(JsonOutput.toJson(answers), 'UTF-8')
    }

    private static Map run(Map scenario) {
        long began = System.currentTimeMillis()
        Build build = new Build(scenario)
        Calls calls = new Calls()
        Calls.watch(calls)
        try {
            build.here.agent.makeFolder(new File(scenario.workspace as String))
            File library = new File(scenario.library as String)
            Steps steps = scenario.agentUser ? new TwoUsers(build, [:]) : new Steps(build, [:])
            GroovyClassLoader loader = new GroovyClassLoader(Main.classLoader, configuration(scenario.watched ? calls : null))
            loader.addClasspath(new File(library, 'src').path)
            new File(library, 'vars').eachFileMatch(~/.*\.groovy/) { File file ->
                steps.vars[file.name - '.groovy'] = script(loader, file, steps)
            }
            script(loader, new File(scenario.file as String), steps).run()
        } catch (FlowInterruptedException aborted) {
            build.worsen('ABORTED')
        } catch (AbortException failed) {
            build.worsen('FAILURE')
            build.error = failed.message
            build.log("ERROR: ${failed.message}")
        } catch (Throwable failed) {
            build.worsen('FAILURE')
            build.error = failed.toString()
            StringWriter trace = new StringWriter()
            failed.printStackTrace(new PrintWriter(trace))
            build.log(trace.toString())
        }
        return [
            name: scenario.name, result: build.result, error: build.error, log: build.log,
            published: build.published, returned: build.returned, shells: build.shells, writes: build.writes,
            calls: [sites: calls.sites, reached: calls.reached, found: calls.found],
            seconds: (System.currentTimeMillis() - began) / 1000,
        ]
    }

    private static CompilerConfiguration configuration(Calls watched) {
        CompilerConfiguration made = new CompilerConfiguration(scriptBaseClass: 'Pipeline', sourceEncoding: 'UTF-8')
        if (watched) {
            made.addCompilationCustomizers(new CallWatch(watched))
        }
        return made
    }

    private static Pipeline script(GroovyClassLoader loader, File file, Steps steps) {
        String name = file.name.replaceAll(/\W/, '_').replaceAll(/_groovy$/, '')
        Pipeline made = loader.parseClass(file.getText('UTF-8'), "${name}.groovy").newInstance() as Pipeline
        made.attach(steps)
        return made
    }

}
