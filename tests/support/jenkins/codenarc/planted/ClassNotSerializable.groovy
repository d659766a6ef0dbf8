package planted

class ClassNotSerializable {

    String name = 'a'

}
