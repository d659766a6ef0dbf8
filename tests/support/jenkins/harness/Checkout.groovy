/**
 * What the Git plugin does, and says of it. A pull request's build is one of a merge of its own: the target is
 * merged into the request's commit, by a Jenkins without an address, and no ref names the outcome.
 * https://github.com/jenkinsci/git-plugin/blob/master/src/main/java/jenkins/plugins/git/MergeWithGitSCMExtension.java
 */
class Checkout {

    private final Map scenario
    private final Closure<String> git

    Checkout(Map scenario, Closure<String> git) {
        this.scenario = scenario
        this.git = git
    }

    Map<String, String> run() {
        scenario.change ? checkOutChange() : checkOutCommit()
        return [GIT_COMMIT: git(['rev-parse', 'HEAD']), GIT_BRANCH: branch, GIT_URL: scenario.repository as String]
    }

    /** A multibranch job names its branch; another one the remote's, whatever it was asked to build. */
    private String getBranch() { scenario.environment.BRANCH_NAME ?: 'origin/main' }

    private void checkOutCommit() {
        git(['clone', '--quiet', scenario.repository as String, '.'])
        git(['checkout', '--quiet', '--detach', scenario.commit as String ?: 'HEAD'])
    }

    private void checkOutChange() {
        String name = scenario.environment.BRANCH_NAME
        String target = scenario.change.target
        git(['init', '--quiet', '.'])
        git(['remote', 'add', 'origin', scenario.repository as String])
        git(['fetch', '--quiet', '--tags', 'origin', "+${scenario.change.ref}:refs/remotes/origin/${name}",
            "+refs/heads/${target}:refs/remotes/origin/${target}"]*.toString())
        git(['checkout', '--quiet', '--force', "refs/remotes/origin/${name}".toString()])
        // By its id, which the message then names.
        String base = git(['rev-parse', "refs/remotes/origin/${target}".toString()])
        git(['-c', 'user.name=Jenkins', '-c', 'user.email=jenkins@nowhere', 'merge', '--quiet', base])
    }

}
