package planted

import com.cloudbees.groovy.cps.NonCPS

class CpsCallFromNonCpsMethod implements Serializable {

    @NonCPS
    String plain() {
        return interpreted()
    }

    String interpreted() {
        return 'a'
    }

    @NonCPS
    static String plainly() {
        return CpsCallFromNonCpsMethod.interpretedToo()
    }

    static String interpretedToo() {
        return 'a'
    }

}
