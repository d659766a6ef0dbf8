package io.ecrpush

import com.cloudbees.groovy.cps.NonCPS

/**
 * What a call of ecrPush asks for, read once. Whether a setting's value is right is the CLI's to say; here is
 * only seen that it arrives there as it was meant. With problems the other fields mean nothing.
 */
class Request implements Serializable {

    private static final long serialVersionUID = 1L

    private static final Map<String, List> UNSTABLE = ['refused': [10], 'no-answer': [5]]
    private static final List<String> OWN = ['credentialsId', 'credentials', 'name', 'publish', 'unstableOn']

    /** NAME=VALUE for the CLI's environment; what was not given is left to ecr-push.yml and the defaults. */
    List<String> variables = []
    /** Bindings for withCredentials. */
    List bindings = []
    /** What tells this image's reports from those of another one in the same build. */
    String name = ''
    boolean publish = true
    /** What the call says of the sandbox, which needs packages of its own; null where it says nothing. */
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
            } else if (option in OWN) {
                made.readOwn(option, value)
            } else {
                made.problems << "${option}: there is no such option${Words.didYouMean(option, known())}".toString()
            }
        }
        made.sandbox = given.sandbox?.toString()
        made.name = made.name ?: (given.repository ?: repository ?: 'image').toString().replaceAll('/+', '-')
        return made
    }

    /** File by format of what is published, in folder. */
    @NonCPS
    Map<String, String> published(String folder) {
        String stem = "${folder}/${stem()}"
        return publish ? [junit: "${stem}.xml".toString(), html: "${stem}.html".toString(),
            sarif: "${stem}.sarif".toString()] : [:]
    }

    /** What the names of this image's reports begin with. */
    @NonCPS
    String stem() {
        return "ecr-push-${Words.slug(name)}".toString()
    }

    /**
     * A second image of the same name gets a number behind it: else its reports would take the place of the
     * first one's. taken holds the stems of the build's calls so far, and gets this one's.
     */
    @NonCPS
    void tellApart(List<String> taken) {
        String first = name
        for (int number = 2; stem() in taken; number++) {
            name = "${first} ${number}".toString()
        }
        taken << stem()
    }

    /** The whole environment of the CLI's settings; files are published besides the reports that are asked for. */
    @NonCPS
    List<String> environment(Map<String, String> files) {
        List<String> besides = files.collect { String format, String file -> "${format}=${file}".toString() }
        return variables + ["ECRPUSH_JOB_REPORTS=${besides.join('\n')}".toString()]
    }

    @NonCPS
    private static List<String> known() {
        return Settings.ALL.keySet().toList() + OWN
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
            problems << "${option}: holds a NUL, which no variable can".toString()
        } else if (text != null) {
            variables << "${shape[0]}=${text}".toString()
        }
    }

    /** A value that holds the separator would arrive as two: a branch's name must not become an option. */
    @NonCPS
    private String joined(String option, List values, String separator) {
        String shown = separator == '\n' ? 'a line break' : "'${separator}'"
        List<String> texts = values.collect { Object one -> one?.toString() }
        if (!values.every { Object one -> isScalar(one) }) {
            problems << "${option}: expected texts in it, and no lists or maps".toString()
        } else if (texts.any { String one -> one.contains(separator) }) {
            problems << "${option}: a value holds ${shown}, which divides values: give them one by one".toString()
        }
        return texts.join(separator)
    }

    /** A pair whose value is itself a list stays one, for `joined` to refuse. */
    @NonCPS
    private static Object pair(Object key, Object value) {
        return isScalar(value) ? "${key}=${value}".toString() : value
    }

    @NonCPS
    private static boolean isScalar(Object value) {
        return value instanceof CharSequence || value instanceof Boolean || value instanceof Number
    }

    @NonCPS
    private void readOwn(String option, Object value) {
        if (value == null) {
            return
        }
        switch (option) {
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
