/** What a Jenkinsfile and a file of vars/ are compiled to: whatever is not there is a step or a variable. */
abstract class Pipeline extends Script {

    /** Of the build that this thread runs; a script is made for one build alone. */
    Steps steps
    Env env
    Map params = [:]
    Map scm = [:]
    CurrentBuild currentBuild

    void attach(Steps steps) {
        this.steps = steps
        env = new Env(steps.build)
        currentBuild = new CurrentBuild(steps.build)
    }

    Object methodMissing(String name, Object given) { steps.invoke(name, given as Object[]) }

    Object propertyMissing(String name) {
        String value = env.getProperty(name)
        if (value == null) {
            throw new MissingPropertyException(name, this.class)
        }
        return value
    }

    DockerPipeline getDocker() { new DockerPipeline(steps) }

    void pipeline(Closure body) { new Declarative(this).run(body) }

    static class Env {

        private final Build build

        Env(Build build) { this.build = build }

        Object getProperty(String name) { build.here.variables[name] ?: build.global[name] }

        void setProperty(String name, Object value) { build.global[name] = value.toString() }

    }

    static class CurrentBuild {

        private final Build build

        CurrentBuild(Build build) { this.build = build }

        String getResult() { build.result }

        String getCurrentResult() { build.result }

        void setResult(String to) { build.worsen(to) }

    }

}
