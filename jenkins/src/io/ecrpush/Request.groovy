package io.ecrpush

import com.cloudbees.groovy.cps.NonCPS

/**
 * The options of a call of ecrPush, read once. The CLI checks the values of settings; this class only makes sure
 * that they arrive unchanged. With problems the other fields are not valid.
 */
class Request implements Serializable {

    private static final long serialVersionUID = 1L

    private static final Map<String, List> UNSTABLE = [
        'refused': [10], 'test-failed': [11], 'no-answer': [5], 'not-verified': [12],
    ]
    private static final List<String> COMMANDS = [
        'run', 'matrix', 'scan', 'promote', 'verify', 'deploy ecs', 'deploy lambda', 'deploy batch', 'deploy sagemaker',
    ]
    /** Those that take no arguments: they are for the checkout. */
    private static final List<String> OF_CHECKOUT = ['run', 'matrix']
    private static final List<String> STEP_OPTIONS = [
        'command', 'arguments', 'credentialsId', 'credentials', 'name', 'publish', 'unstableOn',
    ]

    /** The verdicts after which the list of findings is complete. */
    private static final List<String> JUDGED = ['accepted', 'observed', 'refused', 'test-failed']

    /** What the CLI does, and to what. */
    String command = 'run'
    List<String> arguments = []
    /** NAME=VALUE for the CLI's environment; ecr-push.yml and the defaults apply to all other settings. */
    List<String> variables = []
    /** Bindings for withCredentials. */
    List bindings = []
    /** The name of this image's reports among those of the build. */
    String name = ''
    boolean publish = true
    /** The option sandbox, which needs its own packages; null without it. */
    String sandbox = null
    /** Exit codes that make the build unstable instead of failing it. */
    List<Integer> unstableCodes = []
    List<String> problems = []

    @NonCPS
    static Request of(Map given, String repository) {
        Request made = new Request()
        given.each { Object key, Object value ->
            String option = key.toString()
            if (Settings.ALL.containsKey(option)) {
                made.readSetting(option, value)
            } else if (option in STEP_OPTIONS) {
                made.readStepOption(option, value)
            } else {
                String ours = Settings.SAME_AS.get(Words.plain(option))
                String meant = ours ? "; it is ${ours} here" : Words.didYouMean(option, known())
                made.problems << "${option}: there is no such option${meant}".toString()
            }
        }
        made.checkArguments()
        made.publish = made.publish && made.command != 'matrix'
        made.sandbox = given.sandbox?.toString()
        made.name = made.name ?: (given.repository ?: repository ?: 'image').toString().replaceAll('/+', '-')
        return made
    }

    /** Returns the published reports: format -> file in folder. */
    @NonCPS
    Map<String, String> published(String folder) {
        String stem = "${folder}/${stem()}"
        return publish ? [junit: "${stem}.xml".toString(), html: "${stem}.html".toString(),
            sarif: "${stem}.sarif".toString()] : [:]
    }

    /** Returns the beginning of the names of this image's reports. */
    @NonCPS
    String stem() {
        return "ecr-push-${Words.slug(name)}".toString()
    }

    /**
     * Returns what is published of each image: the beginning of its files' names, its title beside those of others, the
     * id and the name of its issues, and whether it was judged. Of several images of ecr-push.yml the CLI begins each
     * one's files with its name.
     */
    @NonCPS
    List<Map> pages(Map answer) {
        Map verdicts = answer.verdicts ?: ['': answer.verdict]
        return verdicts.collect { Object image, Object verdict ->
            List<String> own = image ? [image.toString()] : []
            return [
                file: (own + [stem()]).join('-'),
                title: own.join(''),
                id: ([stem()] + own).join('-'),  // an id takes . and _ as a name does, and a.b is not a-b
                name: (['ecr-push', name] + own).join(' '),
                judged: verdict in JUDGED,
            ]
        }
    }

    /** Returns the HTML pages as publishHTML takes them: names and titles, each divided by commas. */
    @NonCPS
    Map<String, String> html(List<Map> pages) {
        return [
            files: pages.collect { Map one -> "${one.file}.html".toString() }.join(','),
            titles: pages.collect { Map one -> one.title }.join(','),
        ]
    }

    /**
     * Adds a number to the name of a second image of the same name: otherwise its reports would replace the
     * first one's. taken has the stems of the build's earlier calls, and gets this one's.
     */
    @NonCPS
    void tellApart(List<String> taken) {
        String first = name
        for (int number = 2; stem() in taken; number++) {
            name = "${first} ${number}".toString()
        }
        taken << stem()
    }

    /** Whether the sandbox is on, by the option or else by its variable: it is not in the bundle. */
    @NonCPS
    boolean needsPackages(String variable) {
        return (sandbox ?: variable ?: '').toLowerCase(Locale.ROOT) in ['1', 'on', 't', 'true', 'y', 'yes']
    }

    /** Returns the environment of the CLI's settings; files are written in addition to the option report. */
    @NonCPS
    List<String> environment(Map<String, String> files) {
        List<String> reports = files.collect { String format, String file -> "${format}=${file}".toString() }
        return variables + [
            "ECRPUSH_JOB_REPORTS=${reports.join('\n')}".toString(),
            "ECRPUSH_COMMAND=${command}".toString(),
            "ECRPUSH_ARGUMENTS=${arguments.join('\n')}".toString(),
        ]
    }

    @NonCPS
    private static List<String> known() {
        return Settings.ALL.keySet().toList() + STEP_OPTIONS
    }

    @NonCPS
    private void readSetting(String option, Object value) {
        if (value == null) {
            return
        }
        List shape = Settings.ALL.get(option)
        String separator = shape[1]
        String text = null
        if (isScalar(value)) {
            text = value.toString()
        } else if (value instanceof Map && shape[2]) {
            text = joined(option, value.collect { Object key, Object of -> pair(key, of) }, separator)
        } else if (value instanceof Collection && separator) {
            text = joined(option, value as List, separator)
        } else {
            List<String> forms = ['a text'] + (separator ? ['a list'] : []) + (shape[2] ? ['a map'] : [])
            problems << "${option}: expected ${forms.join(' or ')}".toString()
        }
        if (text?.contains('\u0000')) {
            problems << "${option}: contains a NUL character, which a variable cannot contain".toString()
        } else if (text != null) {
            variables << "${shape[0]}=${text}".toString()
        }
    }

    /** A value that contains the separator would arrive as two: a branch's name must not become an option. */
    @NonCPS
    private String joined(String option, List values, String separator) {
        String shown = separator == '\n' ? 'a line break' : "'${separator}'"
        List<String> texts = values.collect { Object one -> one?.toString() }
        if (!values.every { Object one -> isScalar(one) }) {
            problems << "${option}: expected texts, not lists or maps, as its values".toString()
        } else if (texts.any { String one -> one.contains(separator) }) {
            problems << "${option}: a value contains ${shown}, which separates values: give a list".toString()
        }
        return texts.join(separator)
    }

    /** A pair whose value is itself a list stays a list, which `joined` refuses. */
    @NonCPS
    private static Object pair(Object key, Object value) {
        return isScalar(value) ? "${key}=${value}".toString() : value
    }

    @NonCPS
    private static boolean isScalar(Object value) {
        return value instanceof CharSequence || value instanceof Boolean || value instanceof Number
    }

    @NonCPS
    private void readStepOption(String option, Object value) {
        if (value == null) {
            return
        }
        switch (option) {
            case 'command':
                command = value.toString()
                if (!(command in COMMANDS)) {
                    problems << ("command: '${command}' is not one of ${COMMANDS.join(', ')}" +
                        Words.didYouMean(command, COMMANDS)).toString()
                }
                break
            case 'arguments':
                arguments = (value instanceof Collection ? value : [value]).collect { Object one -> one?.toString() }
                break
            case 'credentialsId':
                bindings << [
                    $class: 'AmazonWebServicesCredentialsBinding',
                    credentialsId: value.toString(),
                    accessKeyVariable: 'AWS_ACCESS_KEY_ID',
                    secretKeyVariable: 'AWS_SECRET_ACCESS_KEY',
                ]
                break
            case 'credentials':
                bindings.addAll(value instanceof Collection ? value : [value])
                break
            case 'name':
                name = value.toString()
                break
            case 'publish':
                publish = readSwitch(option, value)
                break
            default:
                readUnstable(value)
        }
    }

    /** An argument that is empty, as an image of a build that made none, must not let another one take its place. */
    @NonCPS
    private void checkArguments() {
        if (arguments.any { String one -> !one || one.contains('\n') || one.contains('\u0000') }) {
            problems << 'arguments: a value is empty, or has a line break'
        } else if (command in OF_CHECKOUT && arguments) {
            problems << "arguments: ${command} takes none; its settings are options".toString()
        } else if (!(command in OF_CHECKOUT) && !arguments) {
            problems << "arguments: ${command} needs an image".toString()
        }
    }

    @NonCPS
    private boolean readSwitch(String option, Object value) {
        if (value instanceof Boolean) {
            return value
        }
        problems << "${option}: expected true or false".toString()
        return false
    }

    @NonCPS
    private void readUnstable(Object value) {
        (value instanceof Collection ? value : [value]).each { Object one ->
            String word = one.toString()
            if (UNSTABLE.containsKey(word)) {
                unstableCodes.addAll(UNSTABLE.get(word))
            } else {
                problems << ("unstableOn: '${word}' is not one of ${UNSTABLE.keySet().join(', ')}" +
                    Words.didYouMean(word, UNSTABLE.keySet().toList())).toString()
            }
        }
    }

}
