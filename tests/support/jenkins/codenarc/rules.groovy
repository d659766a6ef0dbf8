// CodeNarc's rules for Jenkins, for files of every name: by default they look at Jenkinsfiles alone.
ruleset {
    ruleset('rulesets/jenkins.xml') {
        'ParameterOrReturnTypeNotSerializable' { applyToFileNames = null }
        'ObjectOverrideOnlyNonCpsMethods' { applyToFileNames = null }
        'ForbiddenCallInCpsMethod' { applyToFileNames = null }
        'ExpressionInCpsMethodNotSerializable' { applyToFileNames = null }
        'CpsCallFromNonCpsMethod' {
            applyToFileNames = null
            cpsPackages = ['io.ecrpush', 'planted']
        }
        'ClosureInGString' { applyToFileNames = null }
        'ClassNotSerializable' { applyToFileNames = null }
    }
}
