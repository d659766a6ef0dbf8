import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** Declarative pipelines, as far as tests and examples need them. Sections that say nothing about steps pass. */
class Declarative {

    private final Pipeline script
    private final Build build

    Declarative(Pipeline script) {
        this.script = script
        this.build = script.steps.build
    }

    void run(Closure body) {
        Section top = Section.read(body)
        runSection(top, '') { Section it -> it.stages.each { Section stage -> runStage(stage) } }
    }

    private void runStage(Section stage) {
        if (stage.condition && !holds(stage.condition)) {
            build.log("stage: ${stage.name} is skipped")
            return
        }
        runSection(stage, "stage: ${stage.name}") { Section it ->
            if (it.branches) {
                script.steps.parallel(it.branches.collectEntries { Section one -> [one.name, { runStage(one) }] })
            } else if (it.stages) {
                it.stages.each { Section one -> runStage(one) }
            } else {
                it.steps.call()
            }
        }
    }

    private void runSection(Section section, String title, Closure body) {
        Map<String, String> found = [:]
        if (title) {
            build.log(title)
        } else if (section.checksOut) {
            // Alone of all checkouts its own one's findings become variables.
            found = script.steps.checkout(null)
        }
        build.within(build.here.with(found)) {
            section.agent.around(script.steps) { runWithin(section, body) }
        }
    }

    private void runWithin(Section section, Closure body) {
        Map<String, String> variables = section.environment ? environment(section.environment) : [:]
        build.within(build.here.with(variables)) {
            String before = build.result
            String ended = 'SUCCESS'
            try {
                body.call(section)
                ended = build.result == before ? 'SUCCESS' : build.result
            } catch (FlowInterruptedException aborted) {
                ended = 'ABORTED'
                throw aborted
            } catch (Exception failed) {
                ended = 'FAILURE'
                throw failed
            } finally {
                build.worsen(ended)
                post(section.post, ended)
            }
        }
    }

    private void post(Map<String, Closure> blocks, String ended) {
        List<String> apply = ['always', ended.toLowerCase()] + (ended == 'SUCCESS' ? [] : ['unsuccessful']) + ['cleanup']
        apply.each { String name -> blocks[name]?.call() }
    }

    /** `X = credentials('id')` is a secret text's here; other kinds are not needed. */
    private Map<String, String> environment(Closure body) {
        Map<String, String> found = [:]
        body.delegate = new Names(build, found)
        body.resolveStrategy = Closure.DELEGATE_ONLY
        body.call()
        return found
    }

    private boolean holds(Closure body) {
        Conditions conditions = new Conditions(build.here.variables)
        body.delegate = conditions
        body.resolveStrategy = Closure.DELEGATE_FIRST
        body.call()
        return conditions.all.every { it }
    }

    static class Names {

        private final Build build
        private final Map<String, String> found

        Names(Build build, Map<String, String> found) {
            this.build = build
            this.found = found
        }

        void setProperty(String name, Object value) { found[name] = value.toString() }

        Object getProperty(String name) { found[name] ?: build.here.variables[name] }

        String credentials(String id) {
            String value = build.scenario.credentials[id].variable
            build.secrets << value
            return value
        }

    }

    static class Conditions {

        final List<Boolean> all = []
        private final Map<String, String> variables

        Conditions(Map<String, String> variables) { this.variables = variables }

        void branch(String name) { all << (variables.BRANCH_NAME == name) }

        void buildingTag() { all << (variables.TAG_NAME as boolean) }

        void changeRequest() { all << (variables.CHANGE_ID as boolean) }

        void expression(Closure body) { all << (body.call() as boolean) }

        void not(Closure body) { all << !nested(body).every { it } }

        void anyOf(Closure body) { all << nested(body).any { it } }

        private List<Boolean> nested(Closure body) {
            Conditions inner = new Conditions(variables)
            body.delegate = inner
            body.resolveStrategy = Closure.DELEGATE_FIRST
            body.call()
            return inner.all
        }

    }

    /** `pipeline` or `stage`: what stands in it, read before anything runs. */
    static class Section {

        String name = ''
        List<Section> stages = []
        List<Section> branches = []
        Map<String, Closure> post = [:]
        Closure environment, condition, steps
        boolean checksOut = true
        final DockerPipeline.Declared agent = new DockerPipeline.Declared()
        final String any = 'any'
        final String none = 'none'

        static Section read(Closure body, String name = '') {
            Section made = new Section(name: name)
            body.delegate = made
            body.resolveStrategy = Closure.DELEGATE_FIRST
            body.call()
            return made
        }

        void agent(Object anyOrNone) { }

        void agent(Closure body) {
            body.delegate = agent
            body.resolveStrategy = Closure.DELEGATE_FIRST
            body.call()
        }

        void tools(Closure body) { }

        void parameters(Closure body) { }

        void triggers(Closure body) { }

        void options(Closure body) {
            body.delegate = new Options(this)
            body.resolveStrategy = Closure.DELEGATE_FIRST
            body.call()
        }

        void environment(Closure body) { environment = body }

        void when(Closure body) { condition = body }

        void steps(Closure body) { steps = body }

        void stages(Closure body) { stages = inside(body) }

        void parallel(Closure body) { branches = inside(body) }

        void post(Closure body) {
            body.delegate = new Posts(post)
            body.resolveStrategy = Closure.DELEGATE_FIRST
            body.call()
        }

        private static List<Section> inside(Closure body) {
            Stages found = new Stages()
            body.delegate = found
            body.resolveStrategy = Closure.DELEGATE_FIRST
            body.call()
            return found.all
        }

    }

    static class Stages {

        final List<Section> all = []

        void stage(String name, Closure body) { all << Section.read(body, name) }

    }

    static class Options {

        private final Section section

        Options(Section section) { this.section = section }

        void skipDefaultCheckout(boolean skip = true) { section.checksOut = !skip }

        void timeout(Map given) { }

        void disableConcurrentBuilds(Map given = [:]) { }

    }

    static class Posts {

        private final Map<String, Closure> found

        Posts(Map<String, Closure> found) { this.found = found }

        void always(Closure body) { found.always = body }

        void success(Closure body) { found.success = body }

        void failure(Closure body) { found.failure = body }

        void unstable(Closure body) { found.unstable = body }

        void aborted(Closure body) { found.aborted = body }

        void unsuccessful(Closure body) { found.unsuccessful = body }

        void cleanup(Closure body) { found.cleanup = body }

    }

}
